/** @file greaterOrEqual: element-wise comparison, broadcasting. ONNX: GreaterOrEqual (opset 16). */

import { defineOp, type Op, type Operand } from "./define-op.ts";
import { binaryType, operandPair } from "./elementwise-rule.ts";

/**
 * y = (a >= b), element-wise, shapes broadcast as in NumPy. False where either is NaN.
 *
 * @param a float, int32 or int64 tensor, or a number; @param b tensor of the same dtype, or a
 *   number
 * @returns bool, the broadcast shape
 * @throws DTypeError "dtype/mismatch", "dtype/unsupported", "dtype/number" for a number that the
 *   other's dtype cannot hold; ShapeError "shape/broadcast"
 */
export const greaterOrEqual: Op<[a: Operand, b: Operand]> = defineOp({
  name: "greaterOrEqual",
  arguments: (a: Operand, b: Operand) => ({
    inputs: operandPair("greaterOrEqual", a, b),
    attrs: {},
  }),
  infer: ([a, b]) => ({ ...binaryType("greaterOrEqual", a!, b!), dtype: "bool" }),
  vjp: { noGradient: "a comparison is constant almost everywhere" },
  toOnnx: ({ emit, inputs }) => emit.node("GreaterOrEqual", inputs),
  elementwise: true,
});
