/** @file conv2dWeightGrad in float64: conv2d's products, summed into the kernel. */

import { elementCount } from "../tensor/index.ts";
import { forEachProduct } from "./conv2d-loops.reference.ts";
import type { Reference } from "./reference.ts";

export const conv2dWeightGradReference: Reference = ([x, dy], attrs, { shape }) => {
  const data = new Float64Array(elementCount(shape));
  forEachProduct(x!.shape, dy!.shape, attrs, (xi, ki, yi) => {
    data[ki] = data[ki]! + dy!.data[yi]! * x!.data[xi]!;
  });
  return { shape, data };
};
