/** @file softplus: a smooth relu. ONNX: Softplus (opset 1). */

import type { Value } from "../graph/index.ts";
import type { Op } from "./define-op.ts";
import { defineUnary } from "./elementwise-rule.ts";

/**
 * y = ln(1 + eˣ), element-wise, without overflow for large x and without loss of digits for very
 * negative x.
 *
 * @param x float32 or float64 tensor of any shape
 * @returns same dtype and shape, not negative
 * @throws DTypeError "dtype/unsupported" for any other dtype
 */
export const softplus: Op<[x: Value]> = defineUnary({
  name: "softplus",
  type: "Softplus",
  dtypes: ["float32", "float64"],
  vjp: ({ inputs: [x], cotangent, ops }) => [ops.mul(cotangent, ops.sigmoid(x!))],
});
