/** @file How far a student's distribution is from its teacher's. */

import { logSoftmaxRow } from "./log-softmax.ts";
import { assertSameScores } from "./same-scores.ts";

/**
 * Mean over samples of KL(teacher ‖ student) at T = 1, in nats:
 *
 *   p = softmax(teacher)   q = softmax(student)   KL = Σ_class p · (log p − log q)
 *
 * Classes with p = 0 add nothing. 0 exactly when the distributions agree; infinite when q is 0
 * where p is not.
 *
 * @param studentLogits float32 [samples, classes], logits or log-probabilities
 * @param teacherLogits float32 [samples, classes], logits or log-probabilities (softmax(log p) = p)
 * @param samples how many rows both hold
 * @returns ≥ 0 up to rounding
 * @throws ShapeError "shape/mismatch", DataError "data/empty"
 */
export function klToTeacher(
  studentLogits: Float32Array,
  teacherLogits: Float32Array,
  samples: number,
): number {
  const classes = assertSameScores("klToTeacher", studentLogits, teacherLogits, samples);
  const logP = new Float64Array(classes);
  const logQ = new Float64Array(classes);
  let total = 0;
  for (let sample = 0; sample < samples; sample++) {
    logSoftmaxRow(teacherLogits, sample, classes, 1, logP);
    logSoftmaxRow(studentLogits, sample, classes, 1, logQ);
    for (let c = 0; c < classes; c++) {
      const p = Math.exp(logP[c]!);
      if (p > 0) total += p * (logP[c]! - logQ[c]!);
    }
  }
  return total / samples;
}
