/** @file mul: element-wise product with broadcasting. ONNX: Mul (opset 14). */

import type { Value } from "../graph/index.ts";
import { asValue, defineOp, type Op, type Operand } from "./define-op.ts";
import { binaryType } from "./elementwise-rule.ts";

/**
 * y = a · b, element-wise, shapes broadcast as in NumPy.
 *
 * @param a float, int32 or int64 tensor; @param b tensor of the same dtype, or a number
 * @returns the broadcast shape, same dtype
 * @throws DTypeError "dtype/mismatch", "dtype/unsupported"; ShapeError "shape/broadcast"
 */
export const mul: Op<[a: Value, b: Operand]> = defineOp({
  name: "mul",
  arguments: (a: Value, b: Operand) => ({ inputs: [a, asValue(b, a.dtype)], attrs: {} }),
  infer: ([a, b]) => binaryType("mul", a!, b!),
  vjp: ({ inputs: [a, b], cotangent, ops }) => [ops.mul(cotangent, b!), ops.mul(cotangent, a!)],
  toOnnx: ({ emit, inputs }) => emit.node("Mul", inputs),
  elementwise: true,
  commutative: true,
});
