/** @file The selection of topKValues and topKIndices in float64, obviously right: a stable sort. */

import { elementCount, stridesOf } from "../tensor/index.ts";
import type { Reference, ReferenceTensor } from "./reference.ts";
import { forEachIndex } from "./reference-loops.ts";

/** @returns a reference that keeps `pick` of each selected element */
export function topKReference(pick: (element: number, index: number) => number): Reference {
  return ([x], attrs, { shape }): ReferenceTensor => {
    const axis = Number(attrs.axis);
    const sign = attrs.largest === true ? -1 : 1;
    const [from, to] = [stridesOf(x!.shape)[axis]!, stridesOf(shape)[axis]!];
    const [inStrides, outStrides] = [stridesOf(x!.shape), stridesOf(shape)];
    const data = new Float64Array(elementCount(shape));
    forEachIndex(x!.shape.with(axis, 1), (index) => {
      const place = (strides: readonly number[]): number =>
        index.reduce((sum, i, a) => sum + i * strides[a]!, 0);
      const line = Array.from({ length: x!.shape[axis]! }, (_, index_) => ({
        element: x!.data[place(inStrides) + index_ * from]!,
        index: index_,
      }));
      line.sort((a, b) => sign * (a.element - b.element)); // stable
      for (let i = 0; i < shape[axis]!; i++)
        data[place(outStrides) + i * to] = pick(line[i]!.element, line[i]!.index);
    });
    return { shape, data };
  };
}
