/** @file isFinite: element-wise test for ordinary numbers. ONNX: Not(Or(IsNaN, IsInf)) (opsets 1, 7, 13, 10). */

import type { Value } from "../graph/index.ts";
import { assertFloat } from "./assert.ts";
import { defineOp, type Op } from "./define-op.ts";

/**
 * y = x is neither infinite nor NaN, element-wise.
 *
 * @param x float tensor of any shape
 * @returns bool, same shape
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const isFinite: Op<[x: Value]> = defineOp({
  name: "isFinite",
  arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => {
    assertFloat("isFinite", x!);
    return { shape: x!.shape, dtype: "bool" };
  },
  vjp: { noGradient: "a test is constant almost everywhere" },
  toOnnx: ({ emit, inputs }) =>
    emit.node("Not", [emit.node("Or", [emit.node("IsNaN", inputs), emit.node("IsInf", inputs)])]),
  elementwise: true,
});
