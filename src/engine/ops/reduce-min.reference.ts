/** @file reduceMin in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { reduceReference } from "./reference-loops.ts";

export const reduceMinReference: Reference = reduceReference((elements) => Math.min(...elements));
