/** @file argMax in float64, obviously right: the first of equal maxima. */

import type { Reference } from "./reference.ts";
import { reduceReference } from "./reference-loops.ts";

export const argMaxReference: Reference = (inputs, attrs, output) => {
  const axes = [attrs.axis as number]; // as the operator puts it there
  const first = reduceReference((elements) => elements.indexOf(Math.max(...elements)));
  return first(inputs, { axes }, output);
};
