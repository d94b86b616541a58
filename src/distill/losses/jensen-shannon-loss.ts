/** @file Generalised Jensen-Shannon divergence between softened distributions (GKD). */

import type { Value } from "../../engine/graph/index.ts";
import { add, mul } from "../../engine/ops/index.ts";
import { assertInRange } from "../../errors/index.ts";
import { klPerSample, logAddExp } from "./log-arithmetic.ts";
import { type DivergenceOptions, type Softened, scaledSum, softened } from "./softened.ts";

export interface JensenShannonOptions extends DivergenceOptions {
  /**
   * β in [0, 1]: 0 is KL(teacher ‖ student), 1 is KL(student ‖ teacher); default 0.5, the symmetric
   * one
   */
  readonly beta?: number;
}

/**
 * Distance of both distributions from their mixture.
 *
 *   p = softmax(teacherLogits / T)      q = softmax(studentLogits / T)      m = β p + (1 − β) q
 *   L = T² · Σ_b w_b [ β KL(p ‖ m) + (1 − β) KL(q ‖ m) ]          [nats]
 *
 * At β = 0 and 1 the formula itself vanishes; its limits, divided by β resp. 1 − β, are used: the
 * forward and the reverse KL, as the source does. Small β covers the teacher's classes, large β
 * seeks its modes. T is 1 by default.
 *
 * @param studentLogits float32 [batch, classes], unnormalised
 * @param teacherLogits float32 [batch, classes], or [batch, members, classes] for an ensemble;
 *   unnormalised
 * @returns float32 [], ≥ 0 up to rounding; for β = 0.5 and T = 1 at most ln 2
 * @throws ShapeError "shape/mismatch"; ConfigError "config/range" if T ≤ 0 or β is outside [0, 1]
 * @see Agarwal et al. (2024), On-Policy Distillation of Language Models, eq. 1, arXiv:2306.13649
 */
export function jensenShannonLoss(
  studentLogits: Value,
  teacherLogits: Value,
  options: JensenShannonOptions = {},
): Value {
  const where = "jensenShannonLoss";
  const { beta = 0.5, temperature = 1, ensembleMean } = options;
  assertInRange(where, { beta }, { from: 0, to: 1 });
  const pair = softened(where, studentLogits, teacherLogits, temperature, ensembleMean);
  return scaledSum(where, divergence(pair, beta), temperature, options);
}

/** @returns float32 [batch] */
function divergence({ logP, logQ }: Softened, beta: number): Value {
  if (beta === 0) return klPerSample(logP, logQ);
  if (beta === 1) return klPerSample(logQ, logP);
  // [batch, classes]
  const logM = logAddExp(add(logP, Math.log(beta)), add(logQ, Math.log(1 - beta)));
  return add(mul(klPerSample(logP, logM), beta), mul(klPerSample(logQ, logM), 1 - beta));
}
