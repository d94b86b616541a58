/** @file Normalised knowledge distillation (NKD): the target class, and the others as one whole. */

import type { Value } from "../../engine/graph/index.ts";
import { add, exp, greater, mul, neg, reduceSum, where } from "../../engine/ops/index.ts";
import { assertInRange } from "../../errors/index.ts";
import { assertLabels } from "./assert-logits.ts";
import { oneHotLike } from "./constant-like.ts";
import { amongOthers } from "./log-arithmetic.ts";
import { type DivergenceOptions, softened, squared } from "./softened.ts";
import { weightedSum } from "./weighted-sum.ts";

export interface NkdOptions extends DivergenceOptions {
  /** γ ≥ 0, weight of the classes other than the target; default 1.5 */
  readonly gamma?: number;
}

/**
 * Cross-entropy with the teacher's probability of the label, and cross-entropy among the other
 * classes, whose probabilities are normalised to sum to 1 for both, so that they can be equal.
 *
 *   p, q = softmax(logits) of teacher and student, at T = 1
 *   p̂, q̂ = softmax(logits / T) over the classes other than y
 *   L = Σ_b w_b [ − p_y log q_y − γ T² Σ_{c ≠ y} p̂_c log q̂_c ]          [nats]
 *
 * As in the paper the teacher's entropy stays in: L is not 0 where both agree, and its first part
 * pulls q_y up even there. The second has the gradient of dkdLoss's β part. T² is that of the
 * second part alone. T is 1 by default; the authors add L to the cross-entropy with the labels,
 * with weight 1.
 *
 * @param studentLogits float32 [batch, classes], unnormalised
 * @param teacherLogits float32 [batch, classes], or [batch, members, classes] for an ensemble;
 *   unnormalised
 * @param labels int32 [batch], class indices; a sample without label needs weight 0
 * @returns float32 [], ≥ 0
 * @throws ShapeError "shape/mismatch"; DTypeError "dtype/integer"; ConfigError "config/range" if T
 *   ≤ 0 or γ < 0
 * @see Yang et al. (2023), From Knowledge Distillation to Self-Knowledge Distillation: A Unified
 *   Approach with Normalized Loss and Customized Soft Labels, §3.1, arXiv:2303.13005
 */
export function nkdLoss(
  studentLogits: Value,
  teacherLogits: Value,
  labels: Value,
  options: NkdOptions = {},
): Value {
  const name = "nkdLoss";
  const { gamma = 1.5, temperature = 1, ensembleMean } = options;
  const { scaleByTemperatureSquared = true } = options;
  assertInRange(name, { gamma }, { from: 0 });
  assertLabels(name, studentLogits, labels);
  const plain = softened(name, studentLogits, teacherLogits, 1, ensembleMean);
  const soft = softened(name, studentLogits, teacherLogits, temperature, ensembleMean);
  const isTarget = greater(oneHotLike(studentLogits, labels), 0.5); // [batch, classes]
  const target = crossEntropy(where(isTarget, exp(plain.logP), 0), plain.logQ); // [batch]
  const others = crossEntropy(
    exp(amongOthers(soft.logP, isTarget)),
    amongOthers(soft.logQ, isTarget),
  ); // [batch]
  const weighted = mul(others, gamma);
  const scaled = scaleByTemperatureSquared ? mul(weighted, squared(temperature)) : weighted;
  return weightedSum(name, add(target, scaled), options); // []
}

/** @returns − Σ_class p · log q, float [batch] */
function crossEntropy(p: Value, logQ: Value): Value {
  return neg(reduceSum(mul(p, logQ), { axes: [1], keepDims: false }));
}
