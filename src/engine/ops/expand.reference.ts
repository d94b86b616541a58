/** @file expand in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { at, build } from "./reference-loops.ts";

export const expandReference: Reference = ([x], _attrs, { shape }) =>
  build(shape, (index) => at(x!, index));
