/** @file reduceSum in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { reduceReference } from "./reference-loops.ts";

export const reduceSumReference: Reference = reduceReference((elements) =>
  elements.reduce((sum, element) => sum + element, 0),
);
