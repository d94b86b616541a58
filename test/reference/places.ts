/** @file Float64 references of operators that move elements. */

import { elementCount, stridesOf } from "../../src/engine/tensor/index.ts";
import { at, build, forEachIndex, type Reference } from "./loops.ts";

export const places = {
  concat: (values, attrs, { shape }) => {
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
  },
  expand: ([x], _attrs, { shape }) => build(shape, (index) => at(x!, index)),
  gather: ([x, indices], attrs, { shape }) => {
    const axis = attrs.axis as number; // as the operator puts it there
    const rank = indices!.shape.length;
    return build(shape, (index) => {
      const chosen = at(indices!, index.slice(axis, axis + rank));
      const entry = chosen < 0 ? chosen + x!.shape[axis]! : chosen;
      return at(x!, [...index.slice(0, axis), entry, ...index.slice(axis + rank)]);
    });
  },
  gatherGrad: ([cotangent, indices], attrs, { shape }) => {
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
  },
  oneHot: ([indices], _attrs, { shape }) =>
    build(shape, (index) => (at(indices!, index.slice(0, -1)) === index.at(-1) ? 1 : 0)),
  pad: ([x], attrs, { shape }) => {
    const { before, value } = attrs as { before: readonly number[]; value: number }; // as the operator puts them there
    return build(shape, (index) => {
      const source = index.map((i, axis) => i - before[axis]!);
      const inside = source.every((i, axis) => i >= 0 && i < x!.shape[axis]!);
      // an axis of size 1 would repeat in `at`, but only index 0 is inside
      return inside ? at(x!, source) : value;
    });
  },
  reshape: ([x], _attrs, { shape }) => ({ shape, data: x!.data }),
  slice: ([x], attrs, { shape }) => {
    // as the operator puts them there
    const { starts, axes, steps } = attrs as Record<"starts" | "axes" | "steps", readonly number[]>;
    return build(shape, (index) => {
      const source = [...index];
      for (const [i, axis] of axes.entries()) source[axis] = starts[i]! + index[axis]! * steps[i]!;
      return at(x!, source);
    });
  },
  transpose: ([x], attrs, { shape }) => {
    const perm = attrs.perm as readonly number[]; // as the operator puts it there
    return build(shape, (index) => {
      const source = new Array<number>(perm.length);
      for (const [to, from] of perm.entries()) source[from] = index[to]!;
      return at(x!, source);
    });
  },
} satisfies Record<string, Reference>;
