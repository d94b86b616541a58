/** @file leakyRelu in float64, obviously right. */

import type { Reference } from "./reference.ts";

export const leakyReluReference: Reference = ([x], attrs, { shape }) => {
  const alpha = attrs.alpha as number; // as the operator puts it there
  return { shape, data: x!.data.map((element) => (element > 0 ? element : alpha * element)) };
};
