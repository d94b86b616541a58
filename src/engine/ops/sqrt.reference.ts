/** @file sqrt in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const sqrtReference: Reference = elementwiseReference((x) => Math.sqrt(x));
