/** @file log: element-wise natural logarithm. ONNX: Log (opset 13). */

import type { Value } from "../graph/index.ts";
import { assertFloat } from "./assert.ts";
import { defineOp, type Op } from "./define-op.ts";

/**
 * y = ln x, element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape; −∞ at 0, NaN below
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const log: Op<[x: Value]> = defineOp({
  name: "log",
  arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => ({ shape: x!.shape, dtype: assertFloat("log", x!) }),
  vjp: ({ inputs: [x], cotangent, ops }) => [ops.div(cotangent, x!)], // d ln x = dx / x
  toOnnx: ({ emit, inputs }) => emit.node("Log", inputs),
  elementwise: true,
});
