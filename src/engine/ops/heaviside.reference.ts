/** @file heaviside in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const heavisideReference: Reference = elementwiseReference((x) => (x > 0 ? 1 : 0));
