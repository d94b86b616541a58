/** @file less: element-wise comparison with broadcasting. ONNX: Less (opset 13). */

import { defineOp, type Op, type Operand } from "./define-op.ts";
import { binaryType, operandPair } from "./elementwise-rule.ts";

/**
 * y = (a < b), element-wise, shapes broadcast as in NumPy. False where either is NaN.
 *
 * @param a float, int32 or int64 tensor, or a number; @param b tensor of the same dtype, or a
 *   number
 * @returns bool, the broadcast shape
 * @throws DTypeError "dtype/mismatch", "dtype/unsupported", "dtype/number" for a number that the
 *   other's dtype cannot hold; ShapeError "shape/broadcast"
 */
export const less: Op<[a: Operand, b: Operand]> = defineOp({
  name: "less",
  arguments: (a: Operand, b: Operand) => ({ inputs: operandPair("less", a, b), attrs: {} }),
  infer: ([a, b]) => ({ ...binaryType("less", a!, b!), dtype: "bool" }),
  vjp: { noGradient: "a comparison is constant almost everywhere" },
  toOnnx: ({ emit, inputs }) => emit.node("Less", inputs),
  elementwise: true,
});
