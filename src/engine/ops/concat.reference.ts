/** @file concat in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { at, build } from "./reference-loops.ts";

export const concatReference: Reference = (values, attrs, { shape }) => {
  const axis = attrs.axis as number; // as the operator puts it there
  return build(shape, (index) => {
    let place = index[axis]!;
    for (const value of values) {
      const size = value.shape[axis]!;
      if (place < size) return at(value, index.with(axis, place));
      place -= size;
    }
    throw new RangeError("internal: index beyond the last tensor");
  });
};
