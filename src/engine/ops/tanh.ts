/** @file tanh: hyperbolic tangent. ONNX: Tanh (opset 13). */

import type { Value } from "../graph/index.ts";
import type { Op } from "./define-op.ts";
import { defineUnary } from "./elementwise-rule.ts";

/**
 * y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape, in [−1, 1]
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const tanh: Op<[x: Value]> = defineUnary({
  name: "tanh",
  type: "Tanh",
  // dy = (1 − y²) dx
  vjp: ({ output, cotangent, ops }) => [ops.mul(cotangent, ops.sub(1, ops.mul(output, output)))],
});
