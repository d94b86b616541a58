/** @file add: element-wise sum with broadcasting. ONNX: Add (opset 14). */

import { defineOp, type Op, type Operand } from "./define-op.ts";
import { binaryType, operandPair } from "./elementwise-rule.ts";

/**
 * y = a + b, element-wise, shapes broadcast as in NumPy.
 *
 * @param a float, int32 or int64 tensor, or a number; @param b tensor of the same dtype, or a
 *   number
 * @returns the broadcast shape, same dtype
 * @throws DTypeError "dtype/mismatch", "dtype/unsupported", "dtype/number" for a number that the
 *   other's dtype cannot hold; ShapeError "shape/broadcast"
 */
export const add: Op<[a: Operand, b: Operand]> = defineOp({
  name: "add",
  arguments: (a: Operand, b: Operand) => ({ inputs: operandPair("add", a, b), attrs: {} }),
  infer: ([a, b]) => binaryType("add", a!, b!),
  vjp: ({ cotangent }) => [cotangent, cotangent],
  toOnnx: ({ emit, inputs }) => emit.node("Add", inputs),
  elementwise: true,
  commutative: true,
});
