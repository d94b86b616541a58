/** @file sub in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const subReference: Reference = elementwiseReference((a, b) => a - b);
