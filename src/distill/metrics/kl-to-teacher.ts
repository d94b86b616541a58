/** @file How far a student's distribution is from its teacher's. */

import { logSoftmaxRow } from "./log-softmax.ts";
import { assertSameScores } from "./same-scores.ts";

export interface KlOptions {
  /** the teacher's classes are independent, each with a logit of its own; default false */
  readonly isSigmoid?: boolean;
}

/**
 * Mean over samples of KL(teacher ‖ student) at T = 1, in nats:
 *
 *   p = softmax(teacher)   q = softmax(student)   KL = Σ_class p · (log p − log q)
 *
 * and for a teacher of independent classes, whose probabilities do not sum to 1:
 *
 *   p_c = σ(teacher_c)   q_c = σ(student_c)
 *   KL = Σ_class [ p · (log p − log q) + (1 − p) · (log (1 − p) − log (1 − q)) ]
 *
 * Classes with p = 0 add nothing. 0 exactly when the distributions agree; infinite when q is 0
 * where p is not.
 *
 * @param studentLogits float32 [samples, classes], logits or, under a softmax, log-probabilities
 * @param teacherLogits float32 [samples, classes], the same (softmax(log p) = p)
 * @param samples how many rows both hold
 * @returns ≥ 0 up to rounding
 * @throws ShapeError "shape/mismatch", DataError "data/empty"
 * @see Hinton, Vinyals, Dean (2015), Distilling the Knowledge in a Neural Network, §2,
 *   arXiv:1503.02531, for the first; sigmoidTargetLoss at T = 1 is the second
 */
export function klToTeacher(
  studentLogits: Float32Array,
  teacherLogits: Float32Array,
  samples: number,
  { isSigmoid = false }: KlOptions = {},
): number {
  const classes = assertSameScores("klToTeacher", studentLogits, teacherLogits, samples);
  const [student, teacher, width] = isSigmoid
    ? [twoClasses(studentLogits), twoClasses(teacherLogits), 2]
    : [studentLogits, teacherLogits, classes];
  const logP = new Float64Array(width);
  const logQ = new Float64Array(width);
  let total = 0;
  for (let row = 0; row < teacher.length / width; row++) {
    logSoftmaxRow(teacher, row, width, 1, logP);
    logSoftmaxRow(student, row, width, 1, logQ);
    for (let c = 0; c < width; c++) {
      const p = Math.exp(logP[c]!);
      if (p > 0) total += p * (logP[c]! - logQ[c]!);
    }
  }
  return total / samples;
}

/** @returns float32 [logits, 2], each logit beside 0: softmax(z, 0) = (σ(z), 1 − σ(z)) */
function twoClasses(logits: Float32Array): Float32Array {
  const rows = new Float32Array(2 * logits.length);
  for (let at = 0; at < logits.length; at++) rows[2 * at] = logits[at]!;
  return rows;
}
