/** @file softplus: a smooth relu. ONNX: Softplus (opset 1). */

import type { Value } from "../graph/index.ts";
import { defineOp, type Op } from "./define-op.ts";
import { assertDType } from "./elementwise-rule.ts";

/**
 * y = ln(1 + eˣ), element-wise, without overflow for large x and without loss of digits for very
 * negative x.
 *
 * @param x float32 or float64 tensor of any shape
 * @returns same dtype and shape, not negative
 * @throws DTypeError "dtype/unsupported" for any other dtype
 */
export const softplus: Op<[x: Value]> = defineOp({
  name: "softplus",
  arguments: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => ({
    shape: x!.shape,
    dtype: assertDType("softplus", x!, ["float32", "float64"]),
  }),
  vjp: ({ inputs: [x], cotangent, ops }) => [ops.mul(cotangent, ops.sigmoid(x!))],
  toOnnx: ({ emit, inputs }) => emit.node("Softplus", inputs),
  elementwise: true,
});
