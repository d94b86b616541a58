/** @file gatherGrad in float64, obviously right. */

import { elementCount, stridesOf } from "../tensor/index.ts";
import type { Reference } from "./reference.ts";
import { at, forEachIndex } from "./reference-loops.ts";

export const gatherGradReference: Reference = ([cotangent, indices], attrs, { shape }) => {
  const { axis, size } = attrs as { axis: number; size: number }; // as the operator puts them there
  const rank = indices!.shape.length;
  const strides = stridesOf(shape);
  const data = new Float64Array(elementCount(shape));
  forEachIndex(cotangent!.shape, (index, position) => {
    const chosen = at(indices!, index.slice(axis, axis + rank));
    const entry = chosen < 0 ? chosen + size : chosen;
    const target = [...index.slice(0, axis), entry, ...index.slice(axis + rank)];
    const place = target.reduce((sum, i, to) => sum + i * strides[to]!, 0);
    data[place] = data[place]! + cotangent!.data[position]!;
  });
  return { shape, data };
};
