/** @file log in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const logReference: Reference = elementwiseReference((x) => Math.log(x));
