/** @file Reads samples of a data set as a teacher gets them: one view, with keys. */

import {
  type Augmentation,
  type Dataset,
  makeViews,
  type SampleDType,
  type Samples,
  type SoftLabels,
  seenByTeacher,
  type ViewSpec,
} from "../data/index.ts";
import { allocate, type DataOf, elementCount, type Tensor } from "../engine/tensor/index.ts";
import { ConfigError } from "../errors/index.ts";
import type { TeacherBatch } from "./teachers/index.ts";

/**
 * @param indices sample numbers, any order; @param memory for at least as many samples, to put them
 *   there; default: new memory
 */
export type SampleReader = (
  indices: Int32Array,
  view: number,
  memory?: DataOf[SampleDType],
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
  return async (indices, view, memory) => {
    const size = indices.length * elementCount(shape);
    const data = memory?.subarray(0, size) ?? allocate(dtype, size);
    await read(indices, view, data);
    const keys = keysOf(seen, indices);
    const samples = { dtype, shape: [indices.length, ...shape], data } as Tensor<SampleDType>; // its dtype's array
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

/** @returns each sample's key */
export function keysOf(samples: Pick<Samples, "key">, indices: Int32Array): readonly string[] {
  const keys: string[] = []; // Array.from with a function takes four times as long
  for (const index of indices) keys.push(samples.key(index));
  return keys;
}

/** @returns from, from + 1, … to - 1 */
export function indexRange(from: number, to: number): Int32Array {
  const range = new Int32Array(to - from);
  for (let at = 0; at < range.length; at++) range[at] = from + at;
  return range;
}

/** How the views of a package were made: with MixUp, from all the samples that it labels. */
export function viewsOf({ manifest, keys }: Pick<SoftLabels, "manifest" | "keys">): ViewSpec {
  const { seed } = manifest.views;
  const augmentation = manifest.views.augmentation as Augmentation | null; // label wrote it; JSON to the package
  return augmentation?.mixup === undefined
    ? { seed, augmentation }
    : { seed, augmentation, pool: keys };
}
