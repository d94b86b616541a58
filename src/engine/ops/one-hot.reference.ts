/** @file oneHot in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { at, build } from "./reference-loops.ts";

export const oneHotReference: Reference = ([indices], _attrs, { shape }) =>
  build(shape, (index) => (at(indices!, index.slice(0, -1)) === index.at(-1) ? 1 : 0));
