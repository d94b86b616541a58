/**
 * @file gatherGrad: the gradient of gather. ONNX: ScatterElements (opset 18), or one-hot rows and a
 * matrix product.
 */

import { assertInRange, ShapeError } from "../../errors/index.ts";
import type { TensorType, Value } from "../graph/index.ts";
import { onnxDType } from "../onnx/index.ts";
import { elementCount, float32, type Shape, sameShape, showShape, zeros } from "../tensor/index.ts";
import { defineOp, numberTensor, type OnnxContext, type Op } from "./define-op.ts";
import { assertDType } from "./elementwise-rule.ts";
import { emitReshape } from "./emit.ts";

export interface GatherGradOptions {
  /** the axis that was gathered from, not negative */
  readonly axis: number;
  /** its size */
  readonly size: number;
}

type GatherGradAttrs = { readonly axis: number; readonly size: number };

/** The cotangent's shape as [before, indices, after], each one axis. */
function threeAxes(cotangent: TensorType, indices: TensorType, axis: number): readonly number[] {
  const { shape } = cotangent;
  const after = shape.slice(axis + indices.shape.length);
  return [elementCount(shape.slice(0, axis)), elementCount(indices.shape), elementCount(after)];
}

/**
 * One update after another, in their order: duplicates add up the same way with any number of
 * threads.
 */
function emitScatter({ node, attrs, inputs, emit }: OnnxContext<GatherGradAttrs>): string {
  const [cotangent, indices] = node.inputs;
  const [before, count, after] = threeAxes(cotangent!, indices!, attrs.axis);
  if (before === 0 || after === 0) return emit.constant(zeros(node.dtype, node.shape));
  const updates = emitReshape(emit, inputs[0]!, [before!, count!, after!]);
  const column = emitReshape(emit, inputs[1]!, [1, count!, 1]);
  const places = emit.node("Expand", [column, emit.int64([before!, count!, after!])]);
  const zero = emit.constant(numberTensor(0, node.dtype));
  const empty = emit.node("Expand", [zero, emit.int64([before!, attrs.size, after!])]);
  const sums = emit.node("ScatterElements", [empty, places, updates], {
    axis: 1n,
    reduction: "add",
  });
  return emitReshape(emit, sums, node.shape);
}

/** [before, size, after] = one-hot [size, indices] · cotangent [before, indices, after] */
function emitOneHot({ node, attrs, inputs, emit }: OnnxContext<GatherGradAttrs>): string {
  const [cotangent, indices] = node.inputs;
  const [before, count, after] = threeAxes(cotangent!, indices!, attrs.axis);
  const updates = emitReshape(emit, inputs[0]!, [before!, count!, after!]);
  const flat = emitReshape(emit, inputs[1]!, [count!]);
  const wide = emit.node("Cast", [flat], { to: BigInt(onnxDType("int64")) });
  const values = emit.constant(float32([2], [0, 1]));
  const depth = emit.constant(numberTensor(attrs.size, "int64"));
  const ones = emit.node("OneHot", [wide, depth, values], { axis: 0n }); // [size, count]
  const rows = emit.node("Cast", [ones], { to: BigInt(onnxDType(node.dtype)) });
  return emitReshape(emit, emit.node("MatMul", [rows, updates]), node.shape);
}

/** @throws ShapeError "shape/axis" unless gather's operand had the axis, named from the front */
function assertGatheredAxis(cotangent: TensorType, indices: TensorType, axis: number): void {
  const last = cotangent.shape.length - indices.shape.length;
  if (last < 0) return; // no axis would do: the shapes do not agree
  if (Number.isInteger(axis) && axis >= 0 && axis <= last) return;
  throw new ShapeError("shape/axis", {
    where: "gatherGrad",
    rule: `axis must be an integer in 0 … ${last} for a cotangent ${showShape(cotangent.shape)} and indices ${showShape(indices.shape)}`,
    got: String(axis),
    fix: "Name the axis that was gathered from, counted from the front",
    details: { axis, shape: cotangent.shape, indices: indices.shape },
  });
}

/**
 * Adds each part of the cotangent to the entry that gather took it from; entries not taken are 0.
 *
 * ONNX's ScatterND is not used: with two threads it loses updates where indices repeat.
 *
 * @param cotangent float32 or float64, the shape of gather's result; @param indices gather's
 *   indices
 * @param options.axis the axis gathered from, not negative; @param options.size its size
 * @returns same dtype, the shape of gather's operand
 * @throws DTypeError "dtype/unsupported"; ShapeError "shape/axis" for an axis that gather's operand
 *   did not have, "shape/mismatch"; ConfigError "config/range" for a size that is no whole number
 */
export const gatherGrad: Op<[cotangent: Value, indices: Value, options: GatherGradOptions]> =
  defineOp({
    name: "gatherGrad",
    arguments: (cotangent: Value, indices: Value, { axis, size }: GatherGradOptions) => ({
      inputs: [cotangent, indices],
      attrs: { axis, size },
    }),
    infer: ([cotangent, indices], { axis, size }: GatherGradAttrs) => {
      const dtype = assertDType("gatherGrad", cotangent!, ["float32", "float64"]);
      assertDType("gatherGrad", indices!, ["int32", "int64"]);
      assertInRange("gatherGrad", { size }, { from: 0, isInteger: true });
      assertGatheredAxis(cotangent!, indices!, axis);
      const end = axis + indices!.shape.length;
      const middle: Shape = cotangent!.shape.slice(axis, end);
      if (!sameShape(middle, indices!.shape))
        throw new ShapeError("shape/mismatch", {
          where: "gatherGrad",
          rule: `the cotangent must have the shape of indices ${showShape(indices!.shape)} at axis ${axis}`,
          got: showShape(cotangent!.shape),
          details: { shape: cotangent!.shape, indices: indices!.shape, axis },
        });
      const shape = [...cotangent!.shape.slice(0, axis), size, ...cotangent!.shape.slice(end)];
      return { dtype, shape };
    },
    vjp: ({ inputs: [, indices], attrs: { axis }, cotangent, ops }) => [
      ops.gather(cotangent, indices!, axis),
      null,
    ],
    toOnnx: (context) => (context.form === "oneHot" ? emitOneHot(context) : emitScatter(context)),
    forms: ["scatterElements", "oneHot"],
  });
