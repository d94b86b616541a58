/** @file pow: element-wise power with a constant exponent. ONNX: Pow (opset 15). */

import type { Value } from "../graph/index.ts";
import { assertFloat } from "./assert.ts";
import { defineOp, numberTensor, type Op } from "./define-op.ts";
import { assertFinite } from "./elementwise-rule.ts";

type PowAttrs = { readonly exponent: number };

/**
 * y = x^exponent, element-wise.
 *
 * @param x float tensor of any shape; @param exponent a finite number
 * @returns same dtype and shape; NaN for a negative x and a fractional exponent
 * @throws DTypeError "dtype/float" for an integer tensor; ConfigError "config/range" unless the
 *   exponent is finite
 */
export const pow: Op<[x: Value, exponent: number]> = defineOp({
  name: "pow",
  arguments: (x: Value, exponent: number) => ({ inputs: [x], attrs: { exponent } }),
  infer: ([x], { exponent }: PowAttrs) => {
    assertFinite("pow", { exponent });
    return { shape: x!.shape, dtype: assertFloat("pow", x!) };
  },
  // d xᵉ = e xᵉ⁻¹ dx; for e = 0 and e = 1 without 0 · ∞ or 0⁰
  vjp: ({ inputs: [x], attrs: { exponent }, cotangent, ops }) => {
    if (exponent === 0) return [ops.mul(cotangent, 0)];
    if (exponent === 1) return [cotangent];
    const slope = exponent === 2 ? x! : ops.pow(x!, exponent - 1);
    return [ops.mul(cotangent, ops.mul(slope, exponent))];
  },
  toOnnx: ({ emit, inputs, attrs: { exponent }, node: { dtype } }) =>
    emit.node("Pow", [inputs[0]!, emit.constant(numberTensor(exponent, dtype))]),
  elementwise: true,
});
