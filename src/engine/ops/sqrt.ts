/** @file sqrt: element-wise square root. ONNX: Sqrt (opset 13). */

import type { Value } from "../graph/index.ts";
import { assertFloat } from "./assert.ts";
import { defineOp, type Op } from "./define-op.ts";

/**
 * y = √x, element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape; NaN below 0
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const sqrt: Op<[x: Value]> = defineOp({
  name: "sqrt",
  arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => ({ shape: x!.shape, dtype: assertFloat("sqrt", x!) }),
  // d √x = dx / (2 √x)
  vjp: ({ output, cotangent, ops }) => [ops.div(ops.mul(cotangent, 0.5), output)],
  toOnnx: ({ emit, inputs }) => emit.node("Sqrt", inputs),
  elementwise: true,
});
