/** @file mul: element-wise product with broadcasting. ONNX: Mul (opset 14). */

import { broadcastShape } from "../tensor/index.ts";
import { assertSameDType } from "./assert.ts";
import { asValue, defineOp, type Op, type Operand } from "./define-op.ts";
import type { Value } from "../graph/index.ts";

/**
 * y = a · b, element-wise, shapes broadcast as in NumPy.
 *
 * @param a tensor; @param b tensor of the same dtype, or a number
 * @returns the broadcast shape
 * @throws DTypeError "dtype/mismatch"; ShapeError "shape/broadcast"
 */
export const mul: Op<[a: Value, b: Operand]> = defineOp({
  name: "mul",
  arguments: (a: Value, b: Operand) => ({ inputs: [a, asValue(b, a.dtype)], attrs: {} }),
  infer: ([a, b]) => ({
    dtype: assertSameDType("mul", a!, b!),
    shape: broadcastShape("mul", a!.shape, b!.shape),
  }),
  vjp: ({ inputs: [a, b], cotangent, ops }) => [ops.mul(cotangent, b!), ops.mul(cotangent, a!)],
  toOnnx: ({ emit, inputs }) => emit.node("Mul", inputs),
  elementwise: true,
  commutative: true,
});
