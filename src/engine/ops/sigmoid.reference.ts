/** @file sigmoid in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { elementwiseReference } from "./reference-loops.ts";

export const sigmoidReference: Reference = elementwiseReference((x) => 1 / (1 + Math.exp(-x)));
