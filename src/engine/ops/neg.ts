/** @file neg: element-wise negation. ONNX: Neg (opset 13). */

import type { Value } from "../graph/index.ts";
import { assertFloat } from "./assert.ts";
import { defineOp, type Op } from "./define-op.ts";

/**
 * y = −x, element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const neg: Op<[x: Value]> = defineOp({
  name: "neg",
  arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => ({ shape: x!.shape, dtype: assertFloat("neg", x!) }),
  vjp: ({ cotangent, ops }) => [ops.neg(cotangent)],
  toOnnx: ({ emit, inputs }) => emit.node("Neg", inputs),
  elementwise: true,
});
