/** @file clip in float64, obviously right. */

import type { Reference } from "./reference.ts";

export const clipReference: Reference = ([x], attrs, { shape }) => {
  const { min, max } = attrs as { min: number; max: number }; // as the operator puts them there
  return { shape, data: x!.data.map((element) => Math.min(Math.max(element, min), max)) };
};
