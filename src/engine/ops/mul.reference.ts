/** @file mul in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const mulReference: Reference = elementwiseReference((a, b) => a * b);
