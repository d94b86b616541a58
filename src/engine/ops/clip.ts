/** @file clip: element-wise limits. ONNX: Clip (opset 13). */

import { ConfigError } from "../../errors/index.ts";
import type { Value } from "../graph/index.ts";
import { assertFloat } from "./assert.ts";
import { defineOp, numberTensor, type Op } from "./define-op.ts";
import { assertFinite } from "./elementwise-rule.ts";

type ClipAttrs = { readonly min: number; readonly max: number };

/**
 * y = min(max(x, min), max), element-wise. The gradient passes where min ≤ x ≤ max, limits
 * included, as in PyTorch.
 *
 * @param x float tensor of any shape; @param min, @param max finite limits, min ≤ max
 * @returns same dtype and shape
 * @throws DTypeError "dtype/float" for an integer tensor; ConfigError "config/range" for limits
 *   that are not finite or in the wrong order
 */
export const clip: Op<[x: Value, min: number, max: number]> = defineOp({
  name: "clip",
  arguments: (x: Value, min: number, max: number) => ({ inputs: [x], attrs: { min, max } }),
  infer: ([x], { min, max }: ClipAttrs) => {
    assertFinite("clip", { min, max });
    if (min > max)
      throw new ConfigError("config/range", {
        where: "clip",
        rule: "min must not be above max",
        got: `${min} and ${max}`,
        fix: "Swap them; for one limit use maximum or minimum",
        details: { min, max },
      });
    return { shape: x!.shape, dtype: assertFloat("clip", x!) };
  },
  // where y = x nothing was cut
  vjp: ({ inputs: [x], output, cotangent, ops }) => [
    ops.where(ops.equal(x!, output), cotangent, 0),
  ],
  toOnnx: ({ emit, inputs, attrs: { min, max }, node: { dtype } }) =>
    emit.node("Clip", [
      inputs[0]!,
      emit.constant(numberTensor(min, dtype)),
      emit.constant(numberTensor(max, dtype)),
    ]),
  elementwise: true,
});
