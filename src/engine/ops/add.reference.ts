/** @file add in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const addReference: Reference = elementwiseReference((a, b) => a + b);
