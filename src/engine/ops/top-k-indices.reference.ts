/** @file topKIndices in float64. */

import type { Reference } from "./reference.ts";
import { topKReference } from "./top-k-loops.reference.ts";

export const topKIndicesReference: Reference = topKReference((_, index) => index);
