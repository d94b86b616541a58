/** @file maximum: element-wise larger of two with broadcasting. ONNX: Max (opset 13). */

import type { Op, Operand } from "./define-op.ts";
import { defineBinary } from "./elementwise-rule.ts";

/**
 * y = max(a, b), element-wise, shapes broadcast as in NumPy. Ties give half the gradient to each,
 * as in PyTorch.
 *
 * @param a float, int32 or int64 tensor, or a number; @param b tensor of the same dtype, or a
 *   number
 * @returns the broadcast shape, same dtype
 * @throws DTypeError "dtype/mismatch", "dtype/unsupported", "dtype/number" for a number that the
 *   other's dtype cannot hold; ShapeError "shape/broadcast"
 */
export const maximum: Op<[a: Operand, b: Operand]> = defineBinary({
  name: "maximum",
  type: "Max",
  vjp: ({ inputs: [a, b], cotangent, ops }) => {
    const tied = ops.where(ops.equal(a!, b!), ops.mul(cotangent, 0.5), 0);
    const toA = ops.where(ops.greater(a!, b!), cotangent, tied);
    return [toA, ops.sub(cotangent, toA)];
  },
  commutative: true,
});
