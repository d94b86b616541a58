/** @file conv2dInputGrad in float64: conv2d's products, summed into the input. */

import { elementCount } from "../tensor/index.ts";
import { forEachProduct } from "./conv2d-loops.reference.ts";
import type { Reference } from "./reference.ts";

export const conv2dInputGradReference: Reference = ([dy, kernel], attrs, { shape }) => {
  const data = new Float64Array(elementCount(shape));
  forEachProduct(shape, dy!.shape, attrs, (xi, ki, yi) => {
    data[xi] = data[xi]! + dy!.data[yi]! * kernel!.data[ki]!;
  });
  return { shape, data };
};
