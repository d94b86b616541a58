/** @file Which classes each specialist is for: those that the generalist predicts together. */

import { ConfigError } from "../../errors/index.ts";
import { kMeans, squaredDistance } from "./k-means.ts";
import { predictionCovariance } from "./prediction-covariance.ts";

export interface ConfusableOptions {
  /** clusters of classes; a cluster of one class needs no specialist, and gets none */
  readonly count: number;
  /**
   * classes of each specialist: so many of the nearest to its cluster's centre, and sets may
   * overlap. Default: the cluster itself, and sets are disjoint
   */
  readonly size?: number;
  /** of the clustering; default 0 */
  readonly seed?: number;
  /** at which the predictions are softened before their covariance is taken; default 1 */
  readonly temperature?: number;
}

/**
 * Clusters the columns of the covariance of a generalist's predictions by k-means. No labels are
 * needed.
 *
 * @param logits float32 [samples, classes], the generalist's
 * @returns class indices of each specialist, ascending; equal sets once
 * @throws ConfigError "config/range" for a count or size outside what the classes allow,
 *   "specialists/none" if every cluster has one class
 * @see Hinton, Vinyals, Dean (2015), §5.2; there 61 sets of 300 of 15,000 classes, by an online
 *   k-means
 */
export function confusableClasses(
  logits: Float32Array,
  classes: number,
  options: ConfusableOptions,
): readonly (readonly number[])[] {
  const { count, size, seed = 0, temperature = 1 } = options;
  assertSize(size, classes);
  const covariance = predictionCovariance(logits, classes, temperature);
  const columns = Array.from({ length: classes }, (_, j) =>
    Float64Array.from({ length: classes }, (__, i) => covariance[i * classes + j]!),
  );
  const { assignment, centres } = kMeans(columns, { clusters: count, seed });
  const all = Array.from({ length: classes }, (_, index) => index);
  const sets = centres.map((centre, cluster) => {
    if (size === undefined) return all.filter((index) => assignment[index] === cluster);
    const distance = (index: number): number => squaredDistance(columns[index]!, centre);
    const near = all.toSorted((a, b) => distance(a) - distance(b) || a - b);
    return near.slice(0, size).toSorted((a, b) => a - b);
  });
  const unlike = new Map(sets.map((set) => [set.join(), set]));
  const useful = [...unlike.values()].filter(({ length }) => length > 1 && length < classes);
  if (useful.length === 0) throw noneUseful(sets);
  return useful;
}

function assertSize(size: number | undefined, classes: number): void {
  if (size === undefined || (Number.isInteger(size) && size >= 2 && size < classes)) return;
  throw new ConfigError("config/range", {
    where: "specialists",
    rule: `size must be an integer in 2 … ${classes - 1}: some of the classes, not all`,
    got: String(size),
    fix: "Correct it, or leave it out to take the clusters themselves",
    details: { size, classes },
  });
}

function noneUseful(sets: readonly (readonly number[])[]): ConfigError {
  return new ConfigError("specialists/none", {
    where: "specialists",
    rule: "a specialist needs at least two classes, and fewer than all",
    got: `clusters of ${sets.map(({ length }) => length).join(", ")} classes`,
    fix: "Give another count, or a size",
  });
}
