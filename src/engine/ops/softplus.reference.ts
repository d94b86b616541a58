/** @file softplus in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const softplusReference: Reference = elementwiseReference(
  (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
);
