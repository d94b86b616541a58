/** @file Some of a data set's samples for all of them: sorted classes are all among them. */

import { subset } from "./array-dataset.ts";
import type { Dataset } from "./dataset.ts";

/** @returns indices at even distances, floor(i · length / n) for n = min(count, length) of them */
export function spreadIndices(length: number, count: number): Int32Array {
  const some = Math.min(count, length);
  return Int32Array.from({ length: some }, (_, i) => Math.floor((i * length) / some));
}

/** The data set itself, or so many of its samples at even distances. */
export function spreadSamples(dataset: Dataset, count: number): Dataset {
  if (dataset.length <= count) return dataset;
  return subset(dataset, spreadIndices(dataset.length, count), dataset.name);
}
