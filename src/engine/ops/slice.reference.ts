/** @file slice in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { at, build } from "./reference-loops.ts";

export const sliceReference: Reference = ([x], attrs, { shape }) => {
  // as the operator puts them there
  const { starts, axes, steps } = attrs as Record<"starts" | "axes" | "steps", readonly number[]>;
  return build(shape, (index) => {
    const source = [...index];
    for (const [i, axis] of axes.entries()) source[axis] = starts[i]! + index[axis]! * steps[i]!;
    return at(x!, source);
  });
};
