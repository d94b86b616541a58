/** @file Weighted soft labels (WSLD): softened KL, less where the student needs no teacher. */

import type { Value } from "../../engine/graph/index.ts";
import {
  add,
  div,
  exp,
  greater,
  mul,
  neg,
  reduceSum,
  stopGradient,
  sub,
  where,
} from "../../engine/ops/index.ts";
import { assertLabels } from "./assert-logits.ts";
import { oneHotLike } from "./constant-like.ts";
import { klPerSample } from "./log-arithmetic.ts";
import { type DivergenceOptions, scaledSum, softened } from "./softened.ts";

/** Beside the teacher's cross-entropy, as in the authors' code: it may be 0. */
const least = 1e-7;

/**
 * Softened KL in which a sample counts the less, the better the student knows its label already,
 * measured by how well the teacher does.
 *
 *   p = softmax(teacherLogits / T)      q = softmax(studentLogits / T)
 *   c = − log softmax(logits)_y of student and teacher, at T = 1
 *   ω = 1 − exp(− c_student / (c_teacher + 1e-7)), taken as given: no gradient flows through it
 *   L = T² · Σ_b w_b ω_b KL(p ‖ q)          [nats]
 *
 * ω is 0 for a student that is sure of the label, 1 − 1/e for one that is as sure as the teacher,
 * near 1 where the teacher knows far better. The authors write the cross-entropy of p and q, which
 * has the same gradient. T is 2 by default, as in their code, where the term has weight 2.5 beside
 * 1 for the labels.
 *
 * @param studentLogits float32 [batch, classes], unnormalised
 * @param teacherLogits float32 [batch, classes], or [batch, members, classes] for an ensemble;
 *   unnormalised
 * @param labels int32 [batch], class indices; a sample without label needs weight 0
 * @returns float32 [], ≥ 0 up to rounding
 * @throws ShapeError "shape/mismatch"; DTypeError "dtype/integer"; ConfigError "config/range" if T
 *   ≤ 0
 * @see Zhou et al. (2021), Rethinking Soft Labels for Knowledge Distillation: A Bias-Variance
 *   Tradeoff Perspective, §4, arXiv:2102.00650
 */
export function wsldLoss(
  studentLogits: Value,
  teacherLogits: Value,
  labels: Value,
  options: DivergenceOptions = {},
): Value {
  const name = "wsldLoss";
  const { temperature = 2, ensembleMean } = options;
  assertLabels(name, studentLogits, labels);
  const plain = softened(name, studentLogits, teacherLogits, 1, ensembleMean);
  const soft = softened(name, studentLogits, teacherLogits, temperature, ensembleMean);
  const isTarget = greater(oneHotLike(studentLogits, labels), 0.5); // [batch, classes]
  const ratio = div(
    surprise(stopGradient(plain.logQ), isTarget),
    add(surprise(plain.logP, isTarget), least),
  ); // [batch]
  const omega = sub(1, exp(neg(ratio))); // [batch]
  const perSample = mul(omega, klPerSample(soft.logP, soft.logQ)); // [batch]
  return scaledSum(name, perSample, temperature, options);
}

/** @returns − log p of each sample's label, float [batch] */
function surprise(logP: Value, isTarget: Value): Value {
  return neg(reduceSum(where(isTarget, logP, 0), { axes: [1], keepDims: false }));
}
