/** @file relu in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const reluReference: Reference = elementwiseReference((x) => Math.max(x, 0));
