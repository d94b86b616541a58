/** @file fakeQuantize in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { at, build } from "./reference-loops.ts";

export const fakeQuantizeReference: Reference = ([x, scale, zeroPoint], attrs, { shape }) => {
  const { min, max } = attrs as { min: number; max: number }; // as the operator puts them there
  return build(shape, (index) => {
    const zero = at(zeroPoint!, index);
    const integer = roundHalfToEven(at(x!, index) / at(scale!, index)) + zero;
    return (Math.min(Math.max(integer, min), max) - zero) * at(scale!, index);
  });
};

function roundHalfToEven(number: number): number {
  const low = Math.floor(number);
  if (number - low !== 0.5) return Math.round(number);
  return low % 2 === 0 ? low : low + 1;
}
