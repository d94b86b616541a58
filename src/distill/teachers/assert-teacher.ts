/**
 * @file What is checked of every teacher: its classes are the data's, and the same question gets
 * the same answer.
 */

import type { Dataset } from "../../data/index.ts";
import { allocate, elementCount, sameShape, showShape } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import { largestSigmoidLogit } from "./output-values.ts";
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

/** A network's logits may differ in the last bits with the samples beside which it is asked. */
export const batchTolerance = 1e-4;

/**
 * Asks the same batch twice and compares byte by byte, then half of it in another order; a teacher
 * that says it is not repeatable, once.
 *
 * @param onLast is called when the last question is on its way. Nothing else should be asked
 *   before: of several copies of a model the one that answered first then answers again, which
 *   tells what keeps a state of its own from what is repeatable
 * @returns the answer, in memory of its own
 * @throws DataError "teacher/not-deterministic" naming the first sample and class;
 *   "teacher/batch-dependent" if a logit is more than 1e-4 of its row's largest size (at least 1)
 *   from what it was beside other samples
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
  if (at === -1 && once.length === again.length) {
    if (teacher.workload.isRepeatable) await assertSameBesideOthers(teacher, batch, once);
    return once;
  }
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

/** @param whole logits of the batch. Every second sample is asked again, from the last one down */
async function assertSameBesideOthers(
  teacher: Teacher,
  batch: TeacherBatch,
  whole: Float32Array,
): Promise<void> {
  const { name, classCount, members, logits } = teacher;
  const count = batch.keys.length;
  if (count < 2) return;
  const chosen = Array.from({ length: count }, (_, at) => count - 1 - at).filter(
    (_, at) => at % 2 === 0,
  );
  const part = await logits(someOf(batch, chosen));
  const width = classCount * members.length;
  for (const [row, sample] of chosen.entries()) {
    const once = whole.subarray(sample * width, (sample + 1) * width);
    const again = part.subarray(row * width, (row + 1) * width);
    const at = firstUnlike(once, again);
    if (at === -1) continue;
    throw new DataError("teacher/batch-dependent", {
      where: `teacher "${name}", sample ${batch.indices?.[sample] ?? batch.keys[sample]}`,
      rule: "a sample must get the same logits in any batch",
      got: `${once[at]} in a batch of ${count} and ${again[at]} in one of ${chosen.length} for class ${at % classCount}, a difference of ${Math.abs(once[at]! - again[at]!).toPrecision(3)}`,
      fix: "Export the model for inference (no batch statistics, softmax over the classes), or have it asked about one sample at a time (batchSize: 1)",
      details: { sample, class: at % classCount },
    });
  }
}

/** @returns the batch with these of its samples, in memory of its own */
function someOf(batch: TeacherBatch, chosen: readonly number[]): TeacherBatch {
  const { dtype, shape, data } = batch.samples;
  const size = elementCount(shape.slice(1));
  const own = allocate(dtype, chosen.length * size);
  for (const [row, sample] of chosen.entries())
    own.set(data.subarray(sample * size, (sample + 1) * size), row * size);
  return {
    ...batch,
    samples: { dtype, shape: [chosen.length, ...shape.slice(1)], data: own },
    keys: chosen.map((sample) => batch.keys[sample]!),
    ...(batch.indices && { indices: chosen.map((sample) => batch.indices![sample]!) }),
  };
}

/**
 * Last bits may differ with the batch, and of a float32 sigmoid near 1 they are much of its logit:
 * one step of p = σ(z), 2^-24, is 2^-24 (1 + e^z) of z.
 *
 * @returns the first place where rows differ by more, or -1
 */
function firstUnlike(once: Float32Array, again: Float32Array): number {
  const size = once.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const stepAt = (z: number): number =>
    z <= largestSigmoidLogit ? 2 ** -24 * (1 + Math.exp(z)) : 0;
  return once.findIndex(
    (z, at) =>
      Math.abs(z - again[at]!) > batchTolerance * size + 2 * stepAt(Math.max(z, again[at]!)),
  );
}
