/** @file stopGradient in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const stopGradientReference: Reference = elementwiseReference((x) => x);
