/** @file div in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const divReference: Reference = elementwiseReference((a, b) => a / b);
