/** @file The check of metrics that compare two models: the same samples, the same classes. */

import { ShapeError } from "../../errors/index.ts";
import { rowLength } from "./scored-samples.ts";

/**
 * @returns the number of classes
 * @throws ShapeError "shape/mismatch" when the two differ in size; else as {@link rowLength}
 */
export function assertSameScores(
  where: string,
  student: Float32Array,
  teacher: Float32Array,
  samples: number,
): number {
  if (student.length !== teacher.length)
    throw new ShapeError("shape/mismatch", {
      where,
      rule: "student and teacher scores must have the same shape [samples, classes]",
      got: `${student.length} and ${teacher.length} numbers for ${samples} samples`,
      fix: "Run both models on the same samples, with the same classes",
      details: { student: student.length, teacher: teacher.length, samples },
    });
  rowLength(where, teacher, samples);
  return rowLength(where, student, samples);
}
