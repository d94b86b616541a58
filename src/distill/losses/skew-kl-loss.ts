/**
 * @file Skewed KL between softened distributions (DistiLLM): KL to a mixture, which bounds the
 * gradient.
 */

import type { Value } from "../../engine/graph/index.ts";
import { add } from "../../engine/ops/index.ts";
import { assertInRange, assertKnown } from "../../errors/index.ts";
import { klPerSample, logAddExp } from "./log-arithmetic.ts";
import { type DivergenceOptions, type Softened, scaledSum, softened } from "./softened.ts";

export interface SkewKlOptions extends DivergenceOptions {
  /**
   * α in [0, 1): how much of the first distribution is mixed into the second; 0 is the plain KL;
   * default 0.1
   */
  readonly skew?: number;
  /** "forward" (default): from the teacher's side; "reverse": from the student's */
  readonly direction?: "forward" | "reverse";
}

/**
 * KL of one distribution to the other with α of the first mixed in.
 *
 *   p = softmax(teacherLogits / T)      q = softmax(studentLogits / T)
 *   forward: L = T² · Σ_b w_b KL(p ‖ α p + (1 − α) q)          [nats]
 *   reverse: L = T² · Σ_b w_b KL(q ‖ α q + (1 − α) p)
 *
 * T is 1 by default. The authors' code leaves out the teacher's entropy in the forward direction:
 * the value then differs by a constant, the gradient does not.
 *
 * @param studentLogits float32 [batch, classes], unnormalised
 * @param teacherLogits float32 [batch, classes], or [batch, members, classes] for an ensemble;
 *   unnormalised
 * @returns float32 [], ≥ 0 up to rounding, at most −ln α for T = 1
 * @throws ShapeError "shape/mismatch"; ConfigError "config/range" if T ≤ 0 or α is outside [0, 1),
 *   "config/unknown-name" for another direction
 * @see Ko et al. (2024), DistiLLM: Towards Streamlined Distillation for Large Language Models,
 *   §3.1, arXiv:2402.03898
 */
export function skewKlLoss(
  studentLogits: Value,
  teacherLogits: Value,
  options: SkewKlOptions = {},
): Value {
  const where = "skewKlLoss";
  const { skew = 0.1, direction = "forward", temperature = 1, ensembleMean } = options;
  assertInRange(where, { skew }, { from: 0, below: 1 });
  assertKnown(where, "direction", direction, ["forward", "reverse"]);
  const pair = softened(where, studentLogits, teacherLogits, temperature, ensembleMean);
  const perSample = direction === "forward" ? skewed(pair, skew) : skewed(swapped(pair), skew);
  return scaledSum(where, perSample, temperature, options);
}

/** @returns KL(p ‖ α p + (1 − α) q), float32 [batch] */
function skewed({ logP, logQ }: Softened, skew: number): Value {
  if (skew === 0) return klPerSample(logP, logQ);
  const mixture = logAddExp(add(logP, Math.log(skew)), add(logQ, Math.log(1 - skew)));
  return klPerSample(logP, mixture);
}

function swapped({ logP, logQ }: Softened): Softened {
  return { logP: logQ, logQ: logP };
}
