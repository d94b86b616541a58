/** @file averagePool in float64, obviously right. */

import { elementCount } from "../tensor/index.ts";
import { forEachPooled } from "./pool-loops.reference.ts";
import type { Reference } from "./reference.ts";

export const averagePoolReference: Reference = ([x], attrs, { shape }) => {
  const sums = new Float64Array(elementCount(shape));
  const counts = new Float64Array(sums.length);
  forEachPooled(x!.shape, shape, attrs, (xi, yi) => {
    sums[yi] = sums[yi]! + x!.data[xi]!;
    counts[yi] = counts[yi]! + 1;
  });
  const whole = elementCount(attrs.kernel as readonly number[]); // the window's attribute
  return {
    shape,
    data: sums.map((sum, yi) => sum / (attrs.countIncludesPadding ? whole : counts[yi]!)),
  };
};
