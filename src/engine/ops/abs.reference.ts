/** @file abs in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const absReference: Reference = elementwiseReference((x) => Math.abs(x));
