/** @file exp: element-wise natural exponential. ONNX: Exp (opset 13). */

import type { Value } from "../graph/index.ts";
import type { Op } from "./define-op.ts";
import { defineUnary } from "./elementwise-rule.ts";

/**
 * y = eˣ, element-wise.
 *
 * @param x float tensor of any shape
 * @returns same dtype and shape; above about 88.7 a float32 result is infinite
 * @throws DTypeError "dtype/float" for an integer tensor
 */
export const exp: Op<[x: Value]> = defineUnary({
  name: "exp",
  type: "Exp",
  vjp: ({ output, cotangent, ops }) => [ops.mul(cotangent, output)], // d eˣ = eˣ dx
});
