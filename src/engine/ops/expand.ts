/** @file expand: broadcast to a shape. ONNX: Expand (opset 13). */

import { ShapeError } from "../../errors/index.ts";
import type { Value } from "../graph/index.ts";
import { elementCount, type Shape, showShape, zeros } from "../tensor/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { broadcastsTo } from "./elementwise-rule.ts";

type ExpandAttrs = { readonly shape: Shape };

/**
 * Repeats x along axes of size 1 and along new leading axes.
 *
 * @param x tensor of any dtype
 * @param shape a shape that x broadcasts to
 * @returns same dtype
 * @throws ShapeError "shape/broadcast" if x does not broadcast to the shape
 */
export const expand: Op<[x: Value, shape: Shape]> = defineOp({
  name: "expand",
  arguments: (x: Value, shape: Shape) => ({ inputs: [x], attrs: { shape } }),
  infer: ([x], { shape }: ExpandAttrs) => {
    if (!broadcastsTo(x!.shape, shape))
      throw new ShapeError("shape/broadcast", {
        where: "expand",
        rule: `${showShape(x!.shape)} must broadcast to the new shape`,
        got: showShape(shape),
        fix: "Only axes of size 1 can be repeated",
        details: { from: x!.shape, to: shape },
      });
    return { dtype: x!.dtype, shape };
  },
  vjp: ({ cotangent }) => [cotangent], // the reverse walk sums it back
  // ONNX Runtime 1.30 leaves out an Expand from 1 to 0, as one that changes nothing
  toOnnx: ({ node: { dtype, shape }, emit, inputs }) =>
    elementCount(shape) === 0
      ? emit.constant(zeros(dtype, shape))
      : emit.node("Expand", [inputs[0]!, emit.int64(shape)]),
});
