/** @file What a teacher says of a whole data set, each member for itself or all together. */

import { type Dataset, effectiveLogits } from "../data/index.ts";
import { indexRange, sampleReader } from "./sample-reader.ts";
import type { Teacher } from "./teachers/index.ts";

const batchSize = 256;

/** @returns float32 [n, members, classes], temperature-free */
export async function memberLogits(teacher: Teacher, dataset: Dataset): Promise<Float32Array> {
  const { length } = dataset;
  const width = teacher.members.length * teacher.classCount;
  const logits = new Float32Array(length * width);
  const read = sampleReader(dataset, { seed: 0, augmentation: null });
  for (let from = 0; from < length; from += batchSize) {
    const batch = await read(indexRange(from, Math.min(from + batchSize, length)), 0);
    logits.set(await teacher.logits(batch), from * width);
  }
  return logits;
}

/**
 * @returns float32 [n, classes]: the teacher's effective logits at T = 1 over a data set, as
 *   `combineMembers` has them
 */
export async function teacherLogits(teacher: Teacher, dataset: Dataset): Promise<Float32Array> {
  return combinedRows(await memberLogits(teacher, dataset), teacher);
}

/** @param logits float32 [n, members, classes]. @returns float32 [n, classes], at T = 1 */
export function combinedRows(
  logits: Float32Array,
  teacher: Pick<Teacher, "members" | "combine" | "classCount">,
): Float32Array {
  const { classCount, members } = teacher;
  const width = members.length * classCount;
  const rows = logits.length / width;
  const combined = new Float32Array(rows * classCount);
  for (let row = 0; row < rows; row++)
    combined.set(
      effectiveLogits(logits.subarray(row * width, (row + 1) * width), teacher),
      row * classCount,
    );
  return combined;
}

/** @param member its place. @returns float32 [n, classes], its own logits */
export function logitsOfMember(
  logits: Float32Array,
  { members, classCount }: Pick<Teacher, "members" | "classCount">,
  member: number,
): Float32Array {
  const width = members.length * classCount;
  const rows = logits.length / width;
  const own = new Float32Array(rows * classCount);
  for (let row = 0; row < rows; row++) {
    const from = row * width + member * classCount;
    own.set(logits.subarray(from, from + classCount), row * classCount);
  }
  return own;
}
