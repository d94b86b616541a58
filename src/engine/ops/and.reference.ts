/** @file and in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const andReference: Reference = elementwiseReference((a, b) => (a !== 0 && b !== 0 ? 1 : 0));
