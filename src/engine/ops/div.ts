/** @file div: element-wise quotient with broadcasting. ONNX: Div (opset 14). */

import { defineOp, type Op, type Operand } from "./define-op.ts";
import { binaryType, operandPair } from "./elementwise-rule.ts";

/**
 * y = a / b, element-wise, shapes broadcast as in NumPy.
 *
 * @param a float, int32 or int64 tensor, or a number; @param b tensor of the same dtype, or a
 *   number
 * @returns the broadcast shape, same dtype; integers are divided towards zero
 * @throws DTypeError "dtype/mismatch", "dtype/unsupported", "dtype/number" for a number that the
 *   other's dtype cannot hold; ShapeError "shape/broadcast"
 */
export const div: Op<[a: Operand, b: Operand]> = defineOp({
  name: "div",
  arguments: (a: Operand, b: Operand) => ({ inputs: operandPair("div", a, b), attrs: {} }),
  infer: ([a, b]) => binaryType("div", a!, b!),
  // ∂y/∂a = 1 / b; ∂y/∂b = −a / b² = −y / b
  vjp: ({ inputs: [, b], output, cotangent, ops }) => {
    const toA = ops.div(cotangent, b!);
    return [toA, ops.neg(ops.mul(toA, output))];
  },
  toOnnx: ({ emit, inputs }) => emit.node("Div", inputs),
  elementwise: true,
});
