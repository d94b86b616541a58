/** @file isFiniteNumber in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const isFiniteNumberReference: Reference = elementwiseReference((x) =>
  Number.isFinite(x) ? 1 : 0,
);
