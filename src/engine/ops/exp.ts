/** @file exp: element-wise natural exponential. ONNX: Exp (opset 13). */

import type { Value } from "../graph/index.ts";
import { assertFloat } from "./assert.ts";
import { defineOp, type Op } from "./define-op.ts";

/**
 * y = eˣ, element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape; above about 88.7 a float32 result is infinite
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const exp: Op<[x: Value]> = defineOp({
  name: "exp",
  arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => ({ shape: x!.shape, dtype: assertFloat("exp", x!) }),
  vjp: ({ output, cotangent, ops }) => [ops.mul(cotangent, output)], // d eˣ = eˣ dx
  toOnnx: ({ emit, inputs }) => emit.node("Exp", inputs),
  elementwise: true,
});
