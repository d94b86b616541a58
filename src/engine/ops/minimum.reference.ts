/** @file minimum in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const minimumReference: Reference = elementwiseReference((a, b) => Math.min(a, b));
