/** @file Reads samples of a data set as a teacher gets them: one view, with keys. */

import {
  type Augmentation,
  type Dataset,
  makeViews,
  type SoftLabels,
  seenByTeacher,
  type ViewSpec,
} from "../data/index.ts";
import { ConfigError } from "../errors/index.ts";
import { allocate, elementCount } from "../tensor/index.ts";
import type { TeacherBatch } from "./teachers/index.ts";

/** @param indices sample numbers, any order */
export type SampleReader = (
  indices: Int32Array,
  view: number,
) => Promise<TeacherBatch & { readonly indices: readonly number[] }>;

/**
 * Reads what the teacher sees of a data set; keys are of these inputs.
 *
 * @throws as makeViews, if the samples cannot be augmented so, and as assertPlainPairs
 */
export function sampleReader(dataset: Dataset, views: ViewSpec): SampleReader {
  assertPlainPairs(dataset, views);
  const seen = seenByTeacher(dataset);
  const { dtype, shape, preprocessing } = seen;
  const { read } = makeViews(seen, views);
  return async (indices, view) => {
    const data = allocate(dtype, indices.length * elementCount(shape));
    await read(indices, view, data);
    const keys = Array.from(indices, (index) => seen.key(index));
    const samples = { dtype, shape: [indices.length, ...shape], data };
    return { samples, keys, view, indices: [...indices], preprocessing };
  };
}

/**
 * A view is drawn by the sample's content and moves its pixels: two inputs would be moved apart.
 *
 * @throws ConfigError "config/conflict" for augmented views of samples with teacher inputs
 */
export function assertPlainPairs(
  { name, teacherInputs }: Dataset,
  { augmentation }: Pick<ViewSpec, "augmentation">,
): void {
  if (teacherInputs === undefined || augmentation === null) return;
  throw new ConfigError("config/conflict", {
    where: `soft labels of ${name}`,
    rule: "where the teacher sees other inputs than the student, samples are labelled as they are",
    got: `an augmentation of the views, with the teacher inputs ${teacherInputs.name}`,
    fix: "Leave the augmentation and the number of views out of labels; the teacher's own training may have one",
  });
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
