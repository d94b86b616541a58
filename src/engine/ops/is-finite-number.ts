/**
 * @file isFiniteNumber: element-wise test for ordinary numbers. ONNX: Not(Or(IsNaN, IsInf)) (opsets
 * 1, 7, 13, 10).
 */

import type { Value } from "../graph/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { assertDType } from "./elementwise-rule.ts";

/**
 * y = x is neither infinite nor NaN, element-wise.
 *
 * @param x float32 or float64 tensor of any shape
 * @returns bool, same shape
 * @throws DTypeError "dtype/unsupported"
 */
export const isFiniteNumber: Op<[x: Value]> = defineOp({
  name: "isFiniteNumber",
  arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => {
    assertDType("isFiniteNumber", x!, ["float32", "float64"]);
    return { shape: x!.shape, dtype: "bool" };
  },
  vjp: { noGradient: "a test is constant almost everywhere" },
  toOnnx: ({ emit, inputs }) =>
    emit.node("Not", [emit.node("Or", [emit.node("IsNaN", inputs), emit.node("IsInf", inputs)])]),
  elementwise: true,
});
