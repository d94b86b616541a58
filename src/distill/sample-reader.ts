/** @file Reads samples of a data set as a teacher gets them: one view, with keys. */

import {
  type Augmentation,
  type Dataset,
  makeViews,
  type SoftLabels,
  type ViewSpec,
} from "../data/index.ts";
import { allocate, elementCount } from "../tensor/index.ts";
import type { TeacherBatch } from "./teachers/index.ts";

/** @param indices sample numbers, any order */
export type SampleReader = (
  indices: Int32Array,
  view: number,
) => Promise<TeacherBatch & { readonly indices: readonly number[] }>;

/** @throws as makeViews, if the samples cannot be augmented so */
export function sampleReader(dataset: Dataset, views: ViewSpec): SampleReader {
  const { dtype, shape, preprocessing } = dataset;
  const { read } = makeViews(dataset, views);
  return async (indices, view) => {
    const data = allocate(dtype, indices.length * elementCount(shape));
    await read(indices, view, data);
    const keys = Array.from(indices, (index) => dataset.key(index));
    const samples = { dtype, shape: [indices.length, ...shape], data };
    return { samples, keys, view, indices: [...indices], preprocessing };
  };
}

/** @returns from, from + 1, … to - 1 */
export function indexRange(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, i) => from + i);
}

/** How the views of a package were made: with MixUp, from all the samples that it labels. */
export function viewsOf({ manifest, keys }: Pick<SoftLabels, "manifest" | "keys">): ViewSpec {
  const { seed } = manifest.views;
  const augmentation = manifest.views.augmentation as Augmentation | null; // label wrote it; JSON to the package
  return augmentation?.mixup === undefined
    ? { seed, augmentation }
    : { seed, augmentation, pool: keys };
}
