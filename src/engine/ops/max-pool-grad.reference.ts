/** @file maxPoolGrad in float64: each window's gradient goes to its first largest element. */

import { firstMaxima } from "./pool-loops.reference.ts";
import type { Reference } from "./reference.ts";

export const maxPoolGradReference: Reference = ([x, dy], attrs, { shape }) => {
  const data = new Float64Array(x!.data.length);
  for (const [yi, xi] of firstMaxima(x!, dy!.shape, attrs).entries())
    data[xi] = data[xi]! + dy!.data[yi]!;
  return { shape, data };
};
