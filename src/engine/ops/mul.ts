/** @file mul: element-wise product with broadcasting. ONNX: Mul (opset 14). */

import type { Op, Operand } from "./define-op.ts";
import { defineBinary } from "./elementwise-rule.ts";

/**
 * y = a · b, element-wise, shapes broadcast as in NumPy.
 *
 * @param a float, int32 or int64 tensor, or a number; @param b tensor of the same dtype, or a
 *   number
 * @returns the broadcast shape, same dtype
 * @throws DTypeError "dtype/mismatch", "dtype/unsupported", "dtype/number" for a number that the
 *   other's dtype cannot hold; ShapeError "shape/broadcast"
 */
export const mul: Op<[a: Operand, b: Operand]> = defineBinary({
  name: "mul",
  type: "Mul",
  vjp: ({ inputs: [a, b], cotangent, ops }) => [ops.mul(cotangent, b!), ops.mul(cotangent, a!)],
  commutative: true,
});
