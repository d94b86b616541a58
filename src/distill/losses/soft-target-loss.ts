/** @file Softened-KL distillation loss on logits (response-based distillation). */

import type { Value } from "../../engine/graph/index.ts";
import { klPerSample } from "./log-arithmetic.ts";
import { type DivergenceOptions, scaledSum, softened } from "./softened.ts";

/** T is 4 by default, the field's setting. */
export type SoftTargetOptions = DivergenceOptions;

/**
 * Distance between the teacher's and the student's softened class distributions.
 *
 *   p = softmax(teacherLogits / T)      q = softmax(studentLogits / T)
 *   L = T² · Σ_b w_b Σ_class p · (log p − log q)          [nats]
 *
 * Direction is KL(teacher ‖ student). T² keeps the gradient's size about constant as T grows, so
 * the term can be added to a hard-label loss. With the default weights (1/batch) L is the mean over
 * the batch. L = 0 exactly when both distributions agree. The teacher receives no gradient.
 *
 * @param studentLogits float32 [batch, classes], unnormalised
 * @param teacherLogits float32 [batch, classes], or [batch, members, classes] for an ensemble;
 *   unnormalised
 * @returns float32 [], ≥ 0 up to rounding
 * @throws ShapeError "shape/mismatch" if batch or classes differ; ConfigError "config/range" if T ≤
 *   0
 * @see Hinton, Vinyals, Dean (2015), Distilling the Knowledge in a Neural Network, §2,
 *   arXiv:1503.02531
 */
export function softTargetLoss(
  studentLogits: Value,
  teacherLogits: Value,
  options: SoftTargetOptions = {},
): Value {
  const { temperature = 4, ensembleMean } = options;
  const where = "softTargetLoss";
  const { logP, logQ } = softened(where, studentLogits, teacherLogits, temperature, ensembleMean);
  return scaledSum(where, klPerSample(logP, logQ), temperature, options);
}
