/** @file argMax in float64, obviously right: the first of equal maxima, or the first NaN. */

import type { Reference } from "./reference.ts";
import { reduceReference } from "./reference-loops.ts";

export const argMaxReference: Reference = (inputs, attrs, output) => {
  const axes = [attrs.axis as number]; // as the operator puts it there
  const first = reduceReference((elements) => {
    const largest = Math.max(...elements); // NaN if one of them is
    return elements.findIndex((element) => Object.is(element, largest) || element === largest);
  });
  return first(inputs, { axes }, output);
};
