/** @file div: element-wise quotient with broadcasting. ONNX: Div (opset 14). */

import type { Op, Operand } from "./define-op.ts";
import { defineBinary } from "./elementwise-rule.ts";

/**
 * y = a / b, element-wise, shapes broadcast as in NumPy.
 *
 * @param a float, int32 or int64 tensor, or a number; @param b tensor of the same dtype, or a
 *   number
 * @returns the broadcast shape, same dtype; integers are divided towards zero
 * @throws DTypeError "dtype/mismatch", "dtype/unsupported", "dtype/number" for a number that the
 *   other's dtype cannot hold; ShapeError "shape/broadcast"
 */
export const div: Op<[a: Operand, b: Operand]> = defineBinary({
  name: "div",
  type: "Div",
  // ∂y/∂a = 1 / b; ∂y/∂b = −a / b² = −y / b
  vjp: ({ inputs: [, b], output, cotangent, ops }) => {
    const toA = ops.div(cotangent, b!);
    return [toA, ops.neg(ops.mul(toA, output))];
  },
});
