/** @file conv2d in float64, obviously right. */

import { elementCount } from "../tensor/index.ts";
import { forEachProduct } from "./conv2d-loops.reference.ts";
import type { Reference } from "./reference.ts";

export const conv2dReference: Reference = ([x, kernel, bias], attrs, { shape }) => {
  const data = new Float64Array(elementCount(shape));
  const plane = shape[2]! * shape[3]!;
  if (bias !== undefined)
    for (let y = 0; y < data.length; y++) data[y] = bias.data[Math.floor(y / plane) % shape[1]!]!;
  forEachProduct(x!.shape, shape, attrs, (xi, ki, yi) => {
    data[yi] = data[yi]! + x!.data[xi]! * kernel!.data[ki]!;
  });
  return { shape, data };
};
