/** @file topKValues in float64. */

import type { Reference } from "./reference.ts";
import { topKReference } from "./top-k-loops.reference.ts";

export const topKValuesReference: Reference = topKReference((element) => element);
