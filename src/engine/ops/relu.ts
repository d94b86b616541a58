/** @file relu: rectified linear unit. ONNX: Relu (opset 14). */

import type { Value } from "../graph/index.ts";
import { assertFloat } from "./assert.ts";
import { defineOp, type Op } from "./define-op.ts";

/**
 * y = max(x, 0), element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const relu: Op<[x: Value]> = defineOp({
  name: "relu",
  arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => ({ shape: x!.shape, dtype: assertFloat("relu", x!) }),
  // 1 where y > 0, else 0: also 0 at the kink, as in PyTorch. With `where` in place of the product
  // a relu and its derivative take 1.3-1.5 times as long.
  vjp: ({ output, cotangent, ops }) => [ops.mul(cotangent, ops.heaviside(output))],
  toOnnx: ({ emit, inputs }) => emit.node("Relu", inputs),
  elementwise: true,
});
