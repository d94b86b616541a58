/** @file Float64 references of reductions, and operators along an axis. */

import { elementCount, stridesOf } from "../../src/engine/tensor/index.ts";
import {
  forEachIndex,
  lineReference,
  type Reference,
  type ReferenceTensor,
  reduceReference,
} from "./loops.ts";

/** @returns a reference that keeps `pick` of each selected element */
function topKReference(pick: (element: number, index: number) => number): Reference {
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

export const reductions = {
  argMax: (inputs, attrs, output) => {
    const axes = [attrs.axis as number]; // as the operator puts it there
    const first = reduceReference((elements) => {
      const largest = Math.max(...elements); // NaN if one of them is
      return elements.findIndex((element) => Object.is(element, largest) || element === largest);
    });
    return first(inputs, { axes }, output);
  },
  logSoftmax: lineReference((line) => {
    const max = Math.max(...line);
    const total = line.reduce((sum, x) => sum + Math.exp(x - max), 0);
    return line.map((x) => x - max - Math.log(total));
  }),
  reduceMax: reduceReference((elements) => Math.max(...elements)),
  reduceMean: reduceReference(
    (elements) => elements.reduce((sum, element) => sum + element, 0) / elements.length,
  ),
  reduceMin: reduceReference((elements) => Math.min(...elements)),
  reduceSum: reduceReference((elements) => elements.reduce((sum, element) => sum + element, 0)),
  softmax: lineReference((line) => {
    const max = Math.max(...line);
    const powers = line.map((x) => Math.exp(x - max));
    const total = powers.reduce((sum, power) => sum + power, 0);
    return powers.map((power) => power / total);
  }),
  topKIndices: topKReference((_, index) => index),
  topKValues: topKReference((element) => element),
} satisfies Record<string, Reference>;
