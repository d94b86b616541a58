/** @file Agreement: how often two models name the same class, right or wrong. */

import { predictions } from "./predictions.ts";
import { assertSameScores } from "./same-scores.ts";

/**
 * Share of samples for which both models' largest scores (first of ties) belong to the same class.
 *
 * @param studentLogits float32 [samples, classes]; @param teacherLogits float32 [samples, classes]
 * @param samples how many rows both hold
 * @returns 0 … 1
 * @throws ShapeError "shape/mismatch", DataError "data/empty"
 */
export function agreement(
  studentLogits: Float32Array,
  teacherLogits: Float32Array,
  samples: number,
): number {
  const classes = assertSameScores("agreement", studentLogits, teacherLogits, samples);
  const teacher = predictions(teacherLogits, classes);
  const same = predictions(studentLogits, classes).filter((c, sample) => c === teacher[sample]);
  return same.length / samples;
}
