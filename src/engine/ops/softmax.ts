/** @file softmax: probabilities from logits. ONNX: Softmax (opset 13). */

import type { Value } from "../graph/index.ts";
import { normalizeAxis } from "../tensor/index.ts";
import { assertFloat } from "./assert.ts";
import { defineOp, type Op } from "./define-op.ts";

type AxisAttrs = { readonly axis: number };

/**
 * yᵢ = exp(xᵢ − max x) / Σⱼ exp(xⱼ − max x) along one axis. Finite for logits of any size.
 *
 * @param x float tensor of logits; @param axis the axis that sums to one; default the last
 * @returns same dtype and shape
 * @throws DTypeError "dtype/float"; ShapeError "shape/axis"
 */
export const softmax: Op<[x: Value, axis?: number]> = defineOp({
  name: "softmax",
  arguments: (x: Value, axis = -1) => ({
    inputs: [x],
    attrs: { axis: normalizeAxis("softmax", axis, x.shape.length) } satisfies AxisAttrs,
  }),
  infer: ([x]) => ({ shape: x!.shape, dtype: assertFloat("softmax", x!) }),
  // dxᵢ = yᵢ (gᵢ − Σⱼ gⱼ yⱼ)
  vjp: ({ attrs, output, cotangent, ops }) => {
    const weighted = ops.mul(cotangent, output);
    const total = ops.reduceSum(weighted, { axes: [attrs.axis], keepDims: true });
    return [ops.sub(weighted, ops.mul(output, total))];
  },
  toOnnx: ({ emit, inputs, attrs }) => emit.node("Softmax", inputs, { axis: BigInt(attrs.axis) }),
});
