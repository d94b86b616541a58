/**
 * @file What reductions share: their axes, the reduced shape, the cotangent's way back, and the one
 * rule of the largest and the smallest element.
 */

import { ShapeError } from "../../errors/index.ts";
import type { TensorType, Value } from "../graph/index.ts";
import { normalizeAxis, type Shape, showShape } from "../tensor/index.ts";
import { type DerivativeOps, defineOp, type Op, type Vjp } from "./define-op.ts";
import { arithmeticDTypes, assertDType } from "./elementwise-rule.ts";

export interface ReduceOptions {
  /** axes to reduce, negative ones from the end; default all */
  readonly axes?: readonly number[];
  /** keeps reduced axes with size 1; default false */
  readonly keepDims?: boolean;
}

/** Axes are sorted and not negative. */
export type ReduceAttrs = { readonly axes: readonly number[]; readonly keepDims: boolean };

/**
 * @throws ShapeError "shape/axis" for an axis that does not exist, is named twice, or if none is
 *   named
 */
function reduceAttrs(where: string, x: Value, options: ReduceOptions): ReduceAttrs {
  const rank = x.shape.length;
  const { keepDims = false } = options;
  if (options.axes === undefined) return { axes: x.shape.map((_, axis) => axis), keepDims };
  const axes = options.axes.map((axis) => normalizeAxis(where, axis, rank)).sort((a, b) => a - b);
  if (axes.length === 0 || new Set(axes).size !== axes.length)
    throw new ShapeError("shape/axis", {
      where,
      rule: "axes must name at least one axis, each once",
      got: showShape(options.axes),
      fix: "Leave axes out to reduce all of them",
      details: { axes: options.axes, rank },
    });
  return { axes, keepDims };
}

/** @returns `shape` with 1 in the place of each reduced axis */
function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

/** @returns the result's shape */
export function reducedShape(shape: Shape, { axes, keepDims }: ReduceAttrs): Shape {
  return keepDims ? keptShape(shape, axes) : shape.filter((_, axis) => !axes.includes(axis));
}

/**
 * @returns `y`, a reduction of `x`, with its reduced axes put back at size 1, so that it broadcasts
 *   against `x`
 */
export function withKeptAxes(y: Value, x: Value, attrs: ReduceAttrs, ops: DerivativeOps): Value {
  return attrs.keepDims ? y : ops.reshape(y, keptShape(x.shape, attrs.axes));
}

/** @throws ShapeError "shape/empty" if the reduced axes hold no element */
export function assertNotEmpty(where: string, shape: Shape, axes: readonly number[]): void {
  if (axes.some((axis) => shape[axis] === 0))
    throw new ShapeError("shape/empty", {
      where,
      rule: "the reduced axes must hold at least one element",
      got: showShape(shape),
      fix: "Skip empty tensors",
      details: { shape, axes },
    });
}

/** What is particular to one reduction. */
interface Reduction {
  readonly name: string;
  /** ONNX's name; opset 18, or 13 for ReduceSum: axes are an input */
  readonly type: string;
  readonly infer: (x: TensorType, attrs: ReduceAttrs) => TensorType;
  readonly vjp: Vjp<ReduceAttrs>;
}

/** @returns the operator; its one ONNX node keeps the reduced axes if asked to */
export function defineReduction({
  name,
  type,
  infer,
  vjp,
}: Reduction): Op<[x: Value, options?: ReduceOptions]> {
  return defineOp({
    name,
    arguments: (x: Value, options: ReduceOptions = {}) => ({
      inputs: [x],
      attrs: reduceAttrs(name, x, options),
    }),
    infer: ([x], attrs: ReduceAttrs) => infer(x!, attrs),
    vjp,
    toOnnx: ({ emit, inputs, attrs }) => {
      const keepdims = attrs.keepDims ? 1n : 0n;
      return emit.node(type, [inputs[0]!, emit.int64(attrs.axes)], { keepdims });
    },
  });
}

/** @returns reduceMax or reduceMin; the gradient is shared evenly among ties */
export function defineExtremum(
  name: string,
  type: string,
): Op<[x: Value, options?: ReduceOptions]> {
  return defineReduction({
    name,
    type,
    infer: (x, attrs) => {
      const dtype = assertDType(name, x, arithmeticDTypes);
      assertNotEmpty(name, x.shape, attrs.axes);
      return { dtype, shape: reducedShape(x.shape, attrs) };
    },
    vjp: ({ inputs: [x], attrs, output, cotangent, ops }) => {
      if (attrs.axes.length === 0) return [cotangent]; // of a scalar: nothing was reduced
      const isChosen = ops.equal(x!, withKeptAxes(output, x!, attrs, ops));
      const mask = ops.cast(isChosen, x!.dtype); // 1 at each tie
      const ties = ops.reduceSum(mask, { axes: attrs.axes, keepDims: true });
      const share = ops.div(withKeptAxes(cotangent, x!, attrs, ops), ties);
      return [ops.mul(mask, share)];
    },
  });
}
