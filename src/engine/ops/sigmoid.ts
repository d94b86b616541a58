/** @file sigmoid: logistic function. ONNX: Sigmoid (opset 13). */

import type { Value } from "../graph/index.ts";
import type { Op } from "./define-op.ts";
import { defineUnary } from "./elementwise-rule.ts";

/**
 * y = 1 / (1 + e⁻ˣ), element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape, in [0, 1]
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const sigmoid: Op<[x: Value]> = defineUnary({
  name: "sigmoid",
  type: "Sigmoid",
  // dy = y (1 − y) dx
  vjp: ({ output, cotangent, ops }) => [ops.mul(cotangent, ops.mul(output, ops.sub(1, output)))],
});
