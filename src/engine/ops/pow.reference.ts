/** @file pow in float64, obviously right. */

import type { Reference } from "./reference.ts";

export const powReference: Reference = ([x], attrs, { shape }) => {
  const exponent = attrs.exponent as number; // as the operator puts it there
  return { shape, data: x!.data.map((element) => element ** exponent) };
};
