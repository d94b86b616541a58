/** @file erf: the Gaussian error function. ONNX: Erf (opset 13). */

import type { Value } from "../graph/index.ts";
import type { Op } from "./define-op.ts";
import { defineUnary } from "./elementwise-rule.ts";

/**
 * y = 2/√π ∫₀ˣ exp(−t²) dt, element-wise. Odd; saturates at ±1.
 *
 * @param x float32 tensor of any shape
 * @returns same dtype and shape, in [−1, 1]
 * @throws DTypeError "dtype/unsupported" for any other dtype
 */
export const erf: Op<[x: Value]> = defineUnary({
  name: "erf",
  type: "Erf",
  dtypes: ["float32"],
  // dy = 2/√π exp(−x²) dx
  vjp: ({ inputs: [x], cotangent, ops }) => [
    ops.mul(cotangent, ops.mul(ops.exp(ops.neg(ops.mul(x!, x!))), 2 / Math.sqrt(Math.PI))),
  ],
});
