/** @file where: element-wise choice with broadcasting. ONNX: Where (opset 16). */

import { DTypeError } from "../../errors/index.ts";
import type { Value } from "../graph/index.ts";
import { broadcastShape } from "../tensor/index.ts";
import { assertSameDType } from "./assert.ts";
import { defineOp, type Op, type Operand } from "./define-op.ts";
import { arithmeticDTypes, assertDType, operandPair } from "./elementwise-rule.ts";

/**
 * y = a where the condition holds, else b; shapes broadcast as in NumPy.
 *
 * @param condition bool
 * @param a tensor or number; @param b tensor of the same dtype, or a number
 * @returns the broadcast shape, the branches' dtype
 * @throws DTypeError "dtype/bool", "dtype/mismatch", "dtype/unsupported", "dtype/number" for a
 *   number that the other branch's dtype cannot hold; ShapeError "shape/broadcast"
 */
export const where: Op<[condition: Value, a: Operand, b: Operand]> = defineOp({
  name: "where",
  arguments: (condition: Value, a: Operand, b: Operand) => ({
    inputs: [condition, ...operandPair("where", a, b)],
    attrs: {},
  }),
  infer: ([condition, a, b]) => {
    if (condition!.dtype !== "bool")
      throw new DTypeError("dtype/bool", {
        where: "where",
        rule: "the condition must be a bool tensor",
        got: condition!.dtype,
        fix: "Compare first: greater(x, 0)",
        details: { dtype: condition!.dtype },
      });
    const dtype = assertSameDType("where", a!, b!);
    assertDType("where", a!, [...arithmeticDTypes, "uint8"]);
    const branches = broadcastShape("where", a!.shape, b!.shape);
    return { dtype, shape: broadcastShape("where", condition!.shape, branches) };
  },
  vjp: ({ inputs: [condition], cotangent, ops }) => [
    null,
    ops.where(condition!, cotangent, 0),
    ops.where(condition!, 0, cotangent),
  ],
  toOnnx: ({ emit, inputs }) => emit.node("Where", inputs),
  elementwise: true,
});
