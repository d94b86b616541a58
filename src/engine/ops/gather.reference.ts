/** @file gather in float64, obviously right. */

import type { Reference } from "./reference.ts";
import { at, build } from "./reference-loops.ts";

export const gatherReference: Reference = ([x, indices], attrs, { shape }) => {
  const axis = attrs.axis as number; // as the operator puts it there
  const rank = indices!.shape.length;
  return build(shape, (index) => {
    const chosen = at(indices!, index.slice(axis, axis + rank));
    const entry = chosen < 0 ? chosen + x!.shape[axis]! : chosen;
    return at(x!, [...index.slice(0, axis), entry, ...index.slice(axis + rank)]);
  });
};
