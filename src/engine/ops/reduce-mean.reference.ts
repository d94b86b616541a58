/** @file reduceMean in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { reduceReference } from "./reference-loops.ts";

export const reduceMeanReference: Reference = reduceReference(
  (elements) => elements.reduce((sum, element) => sum + element, 0) / elements.length,
);
