/**
 * @file logSoftmax: log-probabilities from logits. ONNX: LogSoftmax (opset 13), or its parts where
 * a runtime has no kernel for it.
 */

import type { Value } from "../graph/index.ts";
import { normalizeAxis } from "../tensor/index.ts";
import { assertFloat } from "./assert.ts";
import { defineOp, type Op } from "./define-op.ts";
import type { Emit } from "./emit.ts";

type AxisAttrs = { readonly axis: number };

/**
 * yᵢ = xᵢ − max x − ln Σⱼ exp(xⱼ − max x) along one axis. Finite where log(softmax(x)) would be −∞.
 *
 * @param x float tensor of logits; @param axis the axis that sums to one; default the last
 * @returns same dtype and shape
 * @throws DTypeError "dtype/float"; ShapeError "shape/axis"
 */
export const logSoftmax: Op<[x: Value, axis?: number]> = defineOp({
  name: "logSoftmax",
  arguments: (x: Value, axis = -1) => ({
    inputs: [x],
    attrs: { axis: normalizeAxis("logSoftmax", axis, x.shape.length) } satisfies AxisAttrs,
  }),
  infer: ([x]) => ({ shape: x!.shape, dtype: assertFloat("logSoftmax", x!) }),
  // dxᵢ = gᵢ − exp(yᵢ) Σⱼ gⱼ
  vjp: ({ attrs, output, cotangent, ops }) => {
    const total = ops.reduceSum(cotangent, { axes: [attrs.axis], keepDims: true });
    return [ops.sub(cotangent, ops.mul(ops.exp(output), total))];
  },
  forms: ["operator", "parts"],
  toOnnx: ({ emit, inputs, attrs, form }) =>
    form === "parts"
      ? emitParts(emit, inputs[0]!, attrs.axis)
      : emit.node("LogSoftmax", inputs, { axis: BigInt(attrs.axis) }),
});

function emitParts(emit: Emit, x: string, axis: number): string {
  const axes = emit.int64([axis]);
  const shifted = emit.node("Sub", [x, emit.node("ReduceMax", [x, axes], { keepdims: 1n })]);
  const sum = emit.node("ReduceSum", [emit.node("Exp", [shifted]), axes], { keepdims: 1n });
  return emit.node("Sub", [shifted, emit.node("Log", [sum])]);
}
