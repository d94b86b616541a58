/** @file Total variation distance between softened distributions. */

import type { Value } from "../../engine/graph/index.ts";
import { abs, exp, mul, reduceSum, sub } from "../../engine/ops/index.ts";
import { type SofteningOptions, softened } from "./softened.ts";
import { weightedSum } from "./weighted-sum.ts";

/**
 * Half the absolute difference of the distributions.
 *
 *   p = softmax(teacherLogits / T)      q = softmax(studentLogits / T)
 *   L = Σ_b w_b · ½ Σ_class |p − q|
 *
 * Dimensionless; the largest difference in probability that any set of classes can have. Not smooth
 * where p = q. T is 1 by default. There is no factor T²: the gradient falls with T, not with T².
 *
 * @param studentLogits float32 [batch, classes], unnormalised
 * @param teacherLogits float32 [batch, classes], or [batch, members, classes] for an ensemble;
 *   unnormalised
 * @returns float32 [], in [0, 1]
 * @throws ShapeError "shape/mismatch"; ConfigError "config/range" if T ≤ 0
 * @see Wen et al. (2023), f-Divergence Minimization for Sequence-Level Knowledge Distillation, §3,
 *   arXiv:2307.15190
 */
export function totalVariationLoss(
  studentLogits: Value,
  teacherLogits: Value,
  options: SofteningOptions = {},
): Value {
  const where = "totalVariationLoss";
  const { temperature = 1, ensembleMean } = options;
  const { logP, logQ } = softened(where, studentLogits, teacherLogits, temperature, ensembleMean);
  const apart = abs(sub(exp(logP), exp(logQ))); // [batch, classes]
  const perSample = mul(reduceSum(apart, { axes: [1], keepDims: false }), 0.5); // [batch]
  return weightedSum(where, perSample, options);
}
