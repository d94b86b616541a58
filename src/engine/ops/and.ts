/** @file and: element-wise conjunction with broadcasting. ONNX: And (opset 7). */

import type { Value } from "../graph/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { binaryType } from "./elementwise-rule.ts";

/**
 * y = a ∧ b, element-wise, shapes broadcast as in NumPy.
 *
 * @param a bool; @param b bool
 * @returns bool, the broadcast shape
 * @throws DTypeError "dtype/mismatch", "dtype/unsupported"; ShapeError "shape/broadcast"
 */
export const and: Op<[a: Value, b: Value]> = defineOp({
  name: "and",
  arguments: (a: Value, b: Value) => ({ inputs: [a, b], attrs: {} }),
  infer: ([a, b]) => binaryType("and", a!, b!, ["bool"]),
  vjp: { noGradient: "bools have no derivative" },
  toOnnx: ({ emit, inputs }) => emit.node("And", inputs),
  elementwise: true,
  commutative: true,
});
