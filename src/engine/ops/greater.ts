/** @file greater: element-wise comparison with broadcasting. ONNX: Greater (opset 13). */

import type { Op, Operand } from "./define-op.ts";
import { defineComparison } from "./elementwise-rule.ts";

/**
 * y = (a > b), element-wise, shapes broadcast as in NumPy. False where either is NaN.
 *
 * @param a float, int32 or int64 tensor, or a number; @param b tensor of the same dtype, or a
 *   number
 * @returns bool, the broadcast shape
 * @throws DTypeError "dtype/mismatch", "dtype/unsupported", "dtype/number" for a number that the
 *   other's dtype cannot hold; ShapeError "shape/broadcast"
 */
export const greater: Op<[a: Operand, b: Operand]> = defineComparison({
  name: "greater",
  type: "Greater",
});
