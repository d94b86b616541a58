/** @file relu6 in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const relu6Reference: Reference = elementwiseReference((x) => Math.min(Math.max(x, 0), 6));
