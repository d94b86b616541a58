/** @file tanh in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const tanhReference: Reference = elementwiseReference((x) => Math.tanh(x));
