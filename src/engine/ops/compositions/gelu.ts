/** @file gelu: the Gaussian error linear unit. */

import { assertKnown } from "../../../errors/index.ts";
import type { Value } from "../../graph/index.ts";
import { add } from "../add.ts";
import { assertFloat } from "../assert.ts";
import { clip } from "../clip.ts";
import { assertDType } from "../elementwise-rule.ts";
import { erf } from "../erf.ts";
import { mul } from "../mul.ts";
import { tanh } from "../tanh.ts";

export interface GeluOptions {
  /** "erf" (default): the definition; "tanh": the approximation of GPT-2 and BERT's first code */
  readonly form?: "erf" | "tanh";
}

/**
 * Beyond it the approximation's tanh is ±1, in float64 too: its argument there is ±43.7. Inside it
 * x³ and its derivative stay finite, of which 0 times infinity would make NaN gradients.
 */
const tanhIsOneFrom = 10;

/**
 * y = x Φ(x), Φ the normal distribution function. In the form "erf"
 *
 *   y = x/2 · (1 + erf(x / √2))
 *
 * and in the form "tanh", within 5e-4 of it,
 *
 *   y = x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))
 *
 * @param x float32 tensor of any shape; the form "tanh" takes every float dtype
 * @returns same dtype and shape
 * @throws DTypeError "dtype/unsupported" in the form "erf", "dtype/float" in the form "tanh";
 *   ConfigError "config/unknown-name" for another form
 * @see Hendrycks, Gimpel (2016), Gaussian Error Linear Units, §2, arXiv:1606.08415
 */
export function gelu(x: Value, { form = "erf" }: GeluOptions = {}): Value {
  assertKnown("gelu", "form", form, ["erf", "tanh"]);
  if (form === "erf") assertDType("gelu", x, ["float32"]);
  else assertFloat("gelu", x);
  const half = mul(x, 0.5);
  if (form === "erf") return mul(half, add(erf(mul(x, Math.SQRT1_2)), 1));
  const u = clip(x, -tanhIsOneFrom, tanhIsOneFrom);
  const cubic = mul(u, add(mul(mul(u, u), 0.044715), 1)); // u + 0.044715 u³
  return mul(half, add(tanh(mul(cubic, Math.sqrt(2 / Math.PI))), 1));
}
