/** @file globalAveragePool in float64, obviously right. */

import { elementCount } from "../tensor/index.ts";
import type { Reference } from "./reference.ts";

export const globalAveragePoolReference: Reference = ([x], _attrs, { shape }) => {
  const plane = elementCount(x!.shape.slice(2));
  const data = new Float64Array(elementCount(shape));
  for (const [position, value] of x!.data.entries()) {
    const channel = Math.floor(position / plane);
    data[channel] = data[channel]! + value / plane;
  }
  return { shape, data };
};
