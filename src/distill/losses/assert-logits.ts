/** @file The checks that the losses share: logits of one shape, labels to match. */

import type { Value } from "../../engine/graph/index.ts";
import { showShape } from "../../engine/tensor/index.ts";
import { DTypeError, ShapeError } from "../../errors/index.ts";

/**
 * @param teacherLogits [batch, classes], or [batch, members, classes] for an ensemble
 * @throws ShapeError "shape/mismatch" unless batch and classes agree
 */
export function assertSameClasses(where: string, studentLogits: Value, teacherLogits: Value): void {
  const student = studentLogits.shape;
  const teacher = teacherLogits.shape;
  const fits =
    student.length === 2 &&
    (teacher.length === 2 || teacher.length === 3) &&
    student[0] === teacher[0] &&
    student[1] === teacher.at(-1);
  if (!fits)
    throw new ShapeError("shape/mismatch", {
      where,
      rule: "studentLogits [batch, classes] and teacherLogits must agree in batch and classes",
      got: `${showShape(student)} and ${showShape(teacher)}`,
      fix: "Give both models the same classes in the same order",
      details: { shapes: [student, teacher] },
    });
}

/**
 * @throws ShapeError "shape/mismatch" unless there is one label per row; DTypeError "dtype/integer"
 */
export function assertLabels(where: string, studentLogits: Value, labels: Value): void {
  const [batch] = studentLogits.shape;
  if (studentLogits.shape.length !== 2 || labels.shape.length !== 1 || labels.shape[0] !== batch)
    throw new ShapeError("shape/mismatch", {
      where,
      rule: "studentLogits must be [batch, classes] and labels [batch]",
      got: `${showShape(studentLogits.shape)} and ${showShape(labels.shape)}`,
      fix: "Give one label per row of logits",
      details: { shapes: [studentLogits.shape, labels.shape] },
    });
  if (labels.dtype !== "int32" && labels.dtype !== "int64")
    throw new DTypeError("dtype/integer", {
      where,
      rule: "labels must be class indices, int32 or int64",
      got: labels.dtype,
      fix: "Cast them; distributions over classes belong in softTargetLoss",
      details: { dtype: labels.dtype },
    });
}
