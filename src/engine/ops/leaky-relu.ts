/** @file leakyRelu: rectified linear unit with a slope below zero. ONNX: LeakyRelu (opset 16). */

import type { Value } from "../graph/index.ts";
import { assertFloat } from "./assert.ts";
import { defineOp, type Op } from "./define-op.ts";
import { assertFinite } from "./elementwise-rule.ts";

type LeakyReluAttrs = { readonly alpha: number };

/**
 * y = x where x > 0, else alpha · x, element-wise.
 *
 * @param x float tensor of any shape; @param alpha slope below zero, dimensionless; default 0.01
 * @returns same dtype and shape
 * @throws DTypeError "dtype/float" for an integer tensor; ConfigError "config/range" unless alpha
 *   is finite
 */
export const leakyRelu: Op<[x: Value, alpha?: number]> = defineOp({
  name: "leakyRelu",
  arguments: (x: Value, alpha = 0.01) => ({ inputs: [x], attrs: { alpha } }),
  infer: ([x], { alpha }: LeakyReluAttrs) => {
    assertFinite("leakyRelu", { alpha });
    return { shape: x!.shape, dtype: assertFloat("leakyRelu", x!) };
  },
  vjp: ({ inputs: [x], attrs: { alpha }, cotangent, ops }) => [
    ops.where(ops.greater(x!, 0), cotangent, ops.mul(cotangent, alpha)), // alpha at the kink, as in PyTorch
  ],
  toOnnx: ({ emit, inputs, attrs: { alpha } }) => emit.node("LeakyRelu", inputs, { alpha }),
  elementwise: true,
});
