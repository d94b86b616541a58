/** @file greaterOrEqual in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const greaterOrEqualReference: Reference = elementwiseReference((a, b) => (a >= b ? 1 : 0));
