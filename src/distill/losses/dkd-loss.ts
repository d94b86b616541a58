/**
 * @file Decoupled knowledge distillation (DKD): target class and non-target classes weighed apart.
 */

import type { Value } from "../../engine/graph/index.ts";
import {
  add,
  assertSameShape,
  concat,
  greater,
  logSoftmax,
  mul,
  reduceSum,
  where,
} from "../../engine/ops/index.ts";
import { assertInRange } from "../../errors/index.ts";
import { assertLabels } from "./assert-logits.ts";
import { oneHotLike } from "./constant-like.ts";
import { amongOthers, klPerSample, logSumOfOthers } from "./log-arithmetic.ts";
import { type DivergenceOptions, scaledSum, softened } from "./softened.ts";

export interface DkdOptions extends DivergenceOptions {
  /** α ≥ 0, weight of the target-class part; default 1 */
  readonly alpha?: number;
  /** β ≥ 0, weight of the non-target part: a number, or float32 [batch]; default 8 */
  readonly beta?: number | Value;
}

/**
 * Softened KL taken apart: is it the target class or not, and which of the others is it.
 *
 *   p = softmax(teacherLogits / T)      b = (p_y, 1 − p_y)
 *   p̂ = softmax over the classes other than y
 *   L = T² · Σ_b w_b [ α KL(bᵗ ‖ bˢ) + β KL(p̂ᵗ ‖ p̂ˢ) ]          [nats]
 *
 * KD is the case α = 1, β = 1 − p_y of each sample. Everything stays in logarithms: log(softmax) as
 * in the authors' code is infinite from a logit gap of about 100 in float32. T is 4 by default. The
 * authors raise the term's weight linearly from 0 over the first 20 epochs.
 *
 * @param studentLogits float32 [batch, classes], unnormalised
 * @param teacherLogits float32 [batch, classes], or [batch, members, classes] for an ensemble;
 *   unnormalised
 * @param labels int32 [batch], class indices; a sample without label needs weight 0
 * @returns float32 [], ≥ 0 up to rounding
 * @throws ShapeError "shape/mismatch"; DTypeError "dtype/integer"; ConfigError "config/range" if T
 *   ≤ 0, α < 0 or β < 0
 * @see Zhao et al. (2022), Decoupled Knowledge Distillation, §3, arXiv:2203.08679
 */
export function dkdLoss(
  studentLogits: Value,
  teacherLogits: Value,
  labels: Value,
  options: DkdOptions = {},
): Value {
  const name = "dkdLoss";
  const { alpha = 1, beta = 8, temperature = 4, ensembleMean } = options;
  assertInRange(name, { alpha }, { from: 0 });
  if (typeof beta === "number") assertInRange(name, { beta }, { from: 0 });
  assertLabels(name, studentLogits, labels);
  const { logP, logQ } = softened(name, studentLogits, teacherLogits, temperature, ensembleMean);
  const isTarget = greater(oneHotLike(studentLogits, labels), 0.5); // [batch, classes]
  const [teacher, student] = [decoupled(logP, isTarget), decoupled(logQ, isTarget)];
  const target = klPerSample(teacher.isTarget, student.isTarget); // [batch]
  const others = klPerSample(teacher.others, student.others); // [batch]
  if (typeof beta !== "number") assertSameShape(name, { others, beta });
  const perSample = add(mul(target, alpha), mul(others, beta)); // [batch]
  return scaledSum(name, perSample, temperature, options);
}

/** @param logP float32 [batch, classes]; @param isTarget bool [batch, classes] */
function decoupled(
  logP: Value,
  isTarget: Value,
): { readonly isTarget: Value; readonly others: Value } {
  const target = reduceSum(where(isTarget, logP, 0), { axes: [1], keepDims: true }); // [batch, 1]
  const binary = concat([target, logSumOfOthers(logP, isTarget)], 1); // [batch, 2]
  return { isTarget: logSoftmax(binary, -1), others: amongOthers(logP, isTarget) };
}
