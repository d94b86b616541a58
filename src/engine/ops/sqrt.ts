/** @file sqrt: element-wise square root. ONNX: Sqrt (opset 13). */

import type { Value } from "../graph/index.ts";
import type { Op } from "./define-op.ts";
import { defineUnary } from "./elementwise-rule.ts";

/**
 * y = √x, element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape; NaN below 0
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const sqrt: Op<[x: Value]> = defineUnary({
  name: "sqrt",
  type: "Sqrt",
  // d √x = dx / (2 √x)
  vjp: ({ output, cotangent, ops }) => [ops.div(ops.mul(cotangent, 0.5), output)],
});
