/** @file neg: element-wise negation. ONNX: Neg (opset 13). */

import type { Value } from "../graph/index.ts";
import type { Op } from "./define-op.ts";
import { defineUnary } from "./elementwise-rule.ts";

/**
 * y = −x, element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const neg: Op<[x: Value]> = defineUnary({
  name: "neg",
  type: "Neg",
  vjp: ({ cotangent, ops }) => [ops.neg(cotangent)],
});
