/**
 * @file Reverse KL between softened distributions: the student is asked to stay where the teacher
 * is.
 */

import type { Value } from "../../engine/graph/index.ts";
import { klPerSample } from "./log-arithmetic.ts";
import { type DivergenceOptions, scaledSum, softened } from "./softened.ts";

/**
 * KL(student ‖ teacher).
 *
 *   p = softmax(teacherLogits / T)      q = softmax(studentLogits / T)
 *   L = T² · Σ_b w_b Σ_class q · (log q − log p)          [nats]
 *
 * Seeks the teacher's modes instead of covering all its classes. T is 1 by default.
 *
 * @param studentLogits float32 [batch, classes], unnormalised
 * @param teacherLogits float32 [batch, classes], or [batch, members, classes] for an ensemble;
 *   unnormalised
 * @returns float32 [], ≥ 0 up to rounding
 * @throws ShapeError "shape/mismatch"; ConfigError "config/range" if T ≤ 0
 * @see Gu et al. (2024), MiniLLM: Knowledge Distillation of Large Language Models, §2,
 *   arXiv:2306.08543
 */
export function reverseKlLoss(
  studentLogits: Value,
  teacherLogits: Value,
  options: DivergenceOptions = {},
): Value {
  const where = "reverseKlLoss";
  const { temperature = 1, ensembleMean } = options;
  const { logP, logQ } = softened(where, studentLogits, teacherLogits, temperature, ensembleMean);
  return scaledSum(where, klPerSample(logQ, logP), temperature, options);
}
