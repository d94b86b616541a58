/** @file maximum in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const maximumReference: Reference = elementwiseReference((a, b) => Math.max(a, b));
