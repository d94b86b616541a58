/** @file Reads consecutive samples of a data set as a teacher gets them: one view, with keys. */

import { type AugmentationBatch, type Dataset, keyWord, type SampleDType } from "../data/index.ts";
import { allocate, elementCount } from "../tensor/index.ts";
import type { TeacherBatch } from "./teachers/index.ts";

/** Samples `from` … `to - 1` in one view. */
export interface SampleRange {
  readonly from: number;
  readonly to: number;
  readonly view: number;
}

export type SampleReader = (
  range: SampleRange,
) => Promise<TeacherBatch & { readonly indices: readonly number[] }>;

/** @param augment from `makeAugmenter`; null reads the samples as they are */
export function sampleReader(
  dataset: Dataset,
  augment: (<D extends SampleDType>(batch: AugmentationBatch<D>) => void) | null,
): SampleReader {
  const { dtype, shape } = dataset;
  return async ({ from, to, view }) => {
    const indices = Int32Array.from({ length: to - from }, (_, i) => from + i);
    const source = allocate(dtype, indices.length * elementCount(shape));
    await dataset.gather(indices, source);
    const keys = Array.from(indices, (index) => dataset.key(index));
    let data = source;
    if (augment !== null) {
      data = allocate(dtype, source.length);
      augment({ view, samples: Uint32Array.from(keys, keyWord), source, target: data });
    }
    const samples = { dtype, shape: [indices.length, ...shape], data };
    return { samples, keys, view, indices: [...indices] };
  };
}
