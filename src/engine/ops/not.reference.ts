/** @file not in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const notReference: Reference = elementwiseReference((x) => (x === 0 ? 1 : 0));
