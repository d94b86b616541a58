/** @file slice: a regular part of a tensor. ONNX: Slice (opset 13). */

import { ShapeError } from "../../errors/index.ts";
import type { Value } from "../graph/index.ts";
import { normalizeAxis, type Shape, showShape } from "../tensor/index.ts";
import { type DerivativeOps, defineOp, type Op } from "./define-op.ts";

export interface SliceOptions {
  /** first index on each axis; negative from the end */
  readonly starts: readonly number[];
  /** index after the last on each axis; negative from the end; beyond the end means the end */
  readonly ends: readonly number[];
  /** the axes that starts and ends speak of; default 0, 1, … */
  readonly axes?: readonly number[];
  /** distance between indices, at least 1; default 1 */
  readonly steps?: readonly number[];
}

/** All non-negative and within the tensor; one entry per axis named. */
type SliceAttrs = {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes: readonly number[];
  readonly steps: readonly number[];
};

/** Counts from the end if negative, and stays within 0 … size, as NumPy does. */
function place(index: number, size: number): number {
  return Math.min(Math.max(index < 0 ? index + size : index, 0), size);
}

function sliceAttrs(x: Value, options: SliceOptions): SliceAttrs {
  const {
    starts,
    ends,
    axes = starts.map((_, axis) => axis),
    steps = starts.map(() => 1),
  } = options;
  const normal = axes.map((axis) => normalizeAxis("slice", axis, x.shape.length));
  const lists = [starts, ends, axes, steps];
  const whole = lists.every(
    (list) => list.length === starts.length && list.every(Number.isInteger),
  );
  if (!whole || new Set(normal).size !== normal.length || steps.some((step) => step < 1))
    throw new ShapeError("shape/slice", {
      where: "slice",
      rule: "starts, ends, axes and steps must be integers, equally many, each axis once, steps at least 1",
      got: `${showShape(starts)}, ${showShape(ends)}, ${showShape(axes)} and ${showShape(steps)}`,
      fix: "Give one start, end and step per axis",
      details: { shape: x.shape, starts, ends, axes, steps },
    });
  return {
    starts: starts.map((start, i) => place(start, x.shape[normal[i]!]!)),
    ends: ends.map((end, i) => place(end, x.shape[normal[i]!]!)),
    axes: normal,
    steps,
  };
}

function slicedShape(shape: Shape, { starts, ends, axes, steps }: SliceAttrs): Shape {
  return shape.map((size, axis) => {
    const i = axes.indexOf(axis);
    return i < 0 ? size : Math.max(0, Math.ceil((ends[i]! - starts[i]!) / steps[i]!));
  });
}

/** Puts `step` − 1 zeros after each entry of an axis. */
function spread(x: Value, axis: number, step: number, ops: DerivativeOps): Value {
  const { shape } = x;
  const split = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)];
  const none = split.map(() => 0);
  const padded = ops.pad(ops.reshape(x, split), {
    before: none,
    after: none.with(axis + 1, step - 1),
  });
  return ops.reshape(padded, shape.with(axis, shape[axis]! * step));
}

/**
 * Elements start, start + step, … below end on each axis named, and all elements on the others;
 * indices as in NumPy.
 *
 * @param x tensor of any dtype
 * @param options.starts, options.ends, options.axes, options.steps one entry per axis
 * @returns same dtype; an axis may become empty
 * @throws ShapeError "shape/axis", "shape/slice"
 */
export const slice: Op<[x: Value, options: SliceOptions]> = defineOp({
  name: "slice",
  arguments: (x: Value, options: SliceOptions) => ({
    inputs: [x],
    attrs: sliceAttrs(x, options),
  }),
  infer: ([x], attrs: SliceAttrs) => ({ dtype: x!.dtype, shape: slicedShape(x!.shape, attrs) }),
  // zeros everywhere else: between the elements if there are steps, then around them
  vjp: ({ inputs: [x], attrs: { starts, axes, steps }, cotangent, ops }) => {
    let spaced = cotangent;
    for (const [i, axis] of axes.entries()) {
      if (steps[i] === 1) continue;
      spaced = spread(spaced, axis, steps[i]!, ops);
      const room = x!.shape[axis]! - starts[i]!; // zeros after the last element may reach beyond the end
      if (spaced.shape[axis]! > room)
        spaced = ops.slice(spaced, { starts: [0], ends: [room], axes: [axis] });
    }
    const before = x!.shape.map((_, axis) => starts[axes.indexOf(axis)] ?? 0);
    const after = x!.shape.map((size, axis) => size - before[axis]! - spaced.shape[axis]!);
    return [ops.pad(spaced, { before, after })];
  },
  toOnnx: ({ emit, inputs: [x], attrs: { starts, ends, axes, steps } }) => {
    if (axes.length === 0) return emit.node("Identity", [x!]); // a scalar has none, and Slice takes none
    const along = [starts, ends, axes, steps].map((list) => emit.int64(list));
    return emit.node("Slice", [x!, ...along]);
  },
});
