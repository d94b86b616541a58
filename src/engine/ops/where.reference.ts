/** @file where in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const whereReference: Reference = elementwiseReference((condition, a, b) =>
  condition === 0 ? b : a,
);
