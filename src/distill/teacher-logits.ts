/**
 * @file Where a batch's teacher logits come from: the package, or the teacher itself, asked about
 * this very batch.
 */

import { type Dataset, roundLogits, type SoftLabels } from "../data/index.ts";
import { sampleReader } from "./sample-reader.ts";
import type { Teacher } from "./teachers/index.ts";
import type { Views } from "./training/dataset-feed.ts";

/**
 * Writes the logits of a batch.
 *
 * @param indices int32 [batch], sample numbers
 * @param into float32 [batch, members, classes]
 */
export type LogitsOfBatch = (
  indices: Int32Array,
  view: number,
  into: Float32Array,
) => void | Promise<void>;

/**
 * From the package. @param rows the package's row of each sample, −1 for one without soft labels
 * (zeros)
 */
export function storedLogits(softLabels: SoftLabels, rows: Int32Array): LogitsOfBatch {
  const { members, classCount } = softLabels.manifest;
  const size = members.length * classCount;
  return (indices, view, into) => {
    for (const [slot, index] of indices.entries()) {
      const row = into.subarray(slot * size, (slot + 1) * size);
      if (rows[index]! < 0) row.fill(0);
      else softLabels.logits(rows[index]!, view, row);
    }
  };
}

/**
 * From the teacher, rounded as the package rounds: the same bytes as `storedLogits`, where the
 * teacher's answer for a sample does not depend on the samples beside it.
 *
 * @throws whatever the teacher throws; DataError "package/non-finite", "package/logit-range"
 */
export function askedLogits({
  live,
  dataset,
  softLabels,
  rows,
  views,
}: {
  readonly live: Teacher;
  readonly dataset: Dataset;
  readonly softLabels: SoftLabels;
  readonly rows: Int32Array;
  readonly views?: Views | undefined;
}): LogitsOfBatch {
  const { members, classCount: classes, precision } = softLabels.manifest;
  const size = members.length * classes;
  const read = sampleReader(dataset, {
    seed: views?.seed ?? 0,
    augmentation: views?.augmentation ?? null,
    pool: views?.pool,
  });
  return async (indices, view, into) => {
    const batch = await read(indices, view);
    const answer = await live.logits(batch);
    const sampleName = (row: number): string =>
      `sample ${indices[Math.floor(row / members.length)]}`;
    const rounded = roundLogits(answer, { precision, classes }, sampleName);
    for (const [slot, index] of indices.entries()) {
      const row = into.subarray(slot * size, (slot + 1) * size);
      if (rows[index]! < 0) row.fill(0);
      else row.set(rounded.subarray(slot * size, (slot + 1) * size));
    }
  };
}
