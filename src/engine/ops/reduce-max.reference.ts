/** @file reduceMax in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { reduceReference } from "./reference-loops.ts";

export const reduceMaxReference: Reference = reduceReference((elements) => Math.max(...elements));
