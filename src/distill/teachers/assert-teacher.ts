/**
 * @file What is checked of every teacher: its classes are the data's, and the same question gets
 * the same answer.
 */

import type { Dataset } from "../../data/index.ts";
import { sameShape, showShape } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import type { Teacher, TeacherBatch, TeacherDescription } from "./teacher.ts";

/**
 * @param known the classes that it is asked for, where it need not know all of the data's
 * @throws DataError "teacher/class-mismatch" if classes differ in number, spelling or order
 */
export function assertTeacherClasses(
  teacher: Pick<TeacherDescription, "name" | "classCount" | "classNames">,
  { name, classNames: all }: Pick<Dataset, "name" | "classNames">,
  known?: readonly string[],
): void {
  const classNames = known ?? all;
  const source = known === undefined ? "the data" : "teacher.classes";
  const refuse = (rule: string, got: string): never => {
    throw new DataError("teacher/class-mismatch", {
      where: `teacher "${teacher.name}" for ${name}`,
      rule,
      got,
      fix:
        known === undefined
          ? "Use a teacher of the data's classes, name the data's classes as the teacher does, or, in a recipe, name in teacher.classes those that it knows"
          : "Name in teacher.classes the teacher's own classes, in the order of its logits",
      details: { teacher: teacher.classNames ?? teacher.classCount, data: classNames },
    });
  };
  if (teacher.classCount !== classNames.length)
    refuse(
      `${source} has ${classNames.length} classes and the teacher must give as many logits`,
      String(teacher.classCount),
    );
  const other = teacher.classNames?.findIndex((own, index) => own !== classNames[index]) ?? -1;
  if (other !== -1)
    refuse(
      `class ${other} is "${classNames[other]}" in ${source} and must be so for the teacher`,
      `"${teacher.classNames?.[other]}"`,
    );
}

/**
 * @param form of the samples that the teacher was made for
 * @throws DataError "teacher/input-shape" for others
 */
export function assertTeacherSamples(
  where: string,
  form: Pick<Dataset, "dtype" | "shape">,
  { dtype, shape }: TeacherBatch["samples"],
): void {
  if (dtype === form.dtype && sameShape(shape.slice(1), form.shape)) return;
  throw new DataError("teacher/input-shape", {
    where,
    rule: `the teacher was made for ${form.dtype} samples of shape ${showShape(form.shape)}`,
    got: `${dtype} ${showShape(shape)}`,
    fix: "Make a teacher for this data set",
    details: { dtype, shape },
  });
}

/** @throws DataError "teacher/changed" if the teacher is no longer what its hash says */
export function assertTeacherUnchanged(teacher: Teacher): void {
  const now = teacher.currentHash();
  if (now === teacher.hash) return;
  throw new DataError("teacher/changed", {
    where: `teacher "${teacher.name}"`,
    rule: `a teacher's weights must not change (hash ${teacher.hash})`,
    got: now,
    fix: "Copy the model before changing it, and load the teacher again",
    details: { before: teacher.hash, now },
  });
}

/**
 * Asks the same batch twice and compares byte by byte; a teacher that says it is not repeatable,
 * once.
 *
 * @param onLast is called when the last question is on its way. Nothing else should be asked
 *   before: of several copies of a model the one that answered first then answers again, which
 *   tells what keeps a state of its own from what is repeatable
 * @returns the answer, in memory of its own
 * @throws DataError "teacher/not-deterministic" naming the first sample and class
 */
export async function repeatedLogits(
  teacher: Teacher,
  batch: TeacherBatch,
  onLast: () => void = () => undefined,
): Promise<Float32Array> {
  const once = (await teacher.logits(batch)).slice();
  const repeating = teacher.workload.isRepeatable ? teacher.logits(batch) : once;
  onLast();
  const again = await repeating;
  const at = once.findIndex((value, index) => !Object.is(value, again[index]));
  if (at === -1 && once.length === again.length) return once;
  const { classCount, members } = teacher;
  const sample = Math.floor(at / (classCount * members.length));
  throw new DataError("teacher/not-deterministic", {
    where: `teacher "${teacher.name}", sample ${batch.indices?.[sample] ?? batch.keys[sample]}`,
    rule: "the same batch asked twice must get the same logits",
    got: `${once[at]} and ${again[at]} for class ${at % classCount}`,
    fix: "Is the model in training mode (dropout, batch statistics)? Export it for inference",
    details: { sample, class: at % classCount },
  });
}
