/** @file pad in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { at, build } from "./reference-loops.ts";

export const padReference: Reference = ([x], attrs, { shape }) => {
  const { before, value } = attrs as { before: readonly number[]; value: number }; // as the operator puts them there
  return build(shape, (index) => {
    const source = index.map((i, axis) => i - before[axis]!);
    const inside = source.every((i, axis) => i >= 0 && i < x!.shape[axis]!);
    // an axis of size 1 would repeat in `at`, but only index 0 is inside
    return inside ? at(x!, source) : value;
  });
};
