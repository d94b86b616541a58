/** @file Reads samples of a data set as a teacher gets them: one view, with keys. */

import {
  type Augmentation,
  type Dataset,
  keyWord,
  makeAugmenter,
  type SoftLabelManifest,
} from "../data/index.ts";
import { allocate, elementCount } from "../tensor/index.ts";
import type { TeacherBatch } from "./teachers/index.ts";

/** How views are made, as a manifest has it. */
export interface ViewSpec {
  readonly seed: number;
  /** null: view 0 is the sample itself */
  readonly augmentation: Augmentation | null;
}

/** @param indices sample numbers, any order */
export type SampleReader = (
  indices: Int32Array,
  view: number,
) => Promise<TeacherBatch & { readonly indices: readonly number[] }>;

/** @throws as makeAugmenter, if the samples cannot be augmented so */
export function sampleReader(dataset: Dataset, { seed, augmentation }: ViewSpec): SampleReader {
  const { dtype, shape } = dataset;
  const augment = augmentation === null ? null : makeAugmenter(dataset, augmentation, seed);
  return async (indices, view) => {
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

/** @returns from, from + 1, … to - 1 */
export function indexRange(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, i) => from + i);
}

/** How the views of a package were made. */
export function viewsOf({ views }: SoftLabelManifest): ViewSpec {
  const { seed, augmentation } = views;
  return { seed, augmentation: augmentation as Augmentation | null }; // label wrote it; JSON to the package
}
