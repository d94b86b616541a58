/** @file Which classes each specialist is for: those that the generalist predicts together. */

import { assertInRange, ConfigError } from "../../errors/index.ts";
import { kMeans } from "./k-means.ts";
import { predictionCovariance } from "./prediction-covariance.ts";

export interface ConfusableOptions {
  /** clusters of classes; a cluster of one class needs no specialist, and gets none */
  readonly count: number;
  /**
   * classes of each specialist: its cluster, filled up with the classes that are most often
   * predicted together with it, or cut down to those that most often are with each other. Sets may
   * overlap. Default: the cluster itself, and sets are disjoint
   */
  readonly size?: number;
  /** of the clustering; default 0 */
  readonly seed?: number;
  /** at which the predictions are softened before their covariance is taken; default 1 */
  readonly temperature?: number;
}

/**
 * Clusters the columns of the covariance of a generalist's predictions by k-means, so that a set is
 * of classes that are often predicted together. No labels are needed.
 *
 * k-means sees C_ij for i ≠ j, and in place of the variance C_jj the largest of them in column j: a
 * class goes with itself as with the class that it is confused with most. Variances are larger than
 * all the rest, and say how common and how sure a class is, not with whom it is confused: with
 * them, classes are near each other that have nothing in common but little variance. (With zeros
 * instead, two classes that are confused with each other alone would come apart.)
 *
 * A cluster S is brought to `size` classes by its covariance with a class j, Σ_{i ∈ S, i ≠ j} C_ij:
 * the classes with the largest are added, or that with the smallest is left out, again and again.
 *
 * @param logits float32 [samples, classes], the generalist's
 * @returns class indices of each specialist, ascending; equal sets once
 * @throws ConfigError "config/range" for a count or size outside what the classes allow,
 *   "specialists/none" if every cluster has one class
 * @see Hinton, Vinyals, Dean (2015), §5.1 and §5.2; there 61 sets of 300 of 15,000 classes, by an
 *   online k-means. The paper doesn't say how a set gets its size, nor what becomes of variances
 */
export function confusableClasses(
  logits: Float32Array,
  classes: number,
  options: ConfusableOptions,
): readonly (readonly number[])[] {
  const { count, size, seed = 0, temperature = 1 } = options;
  assertConfusable(options, classes);
  const covariance = predictionCovariance(logits, classes, temperature);
  const all = Array.from({ length: classes }, (_, index) => index);
  const columns = all.map((j) => confusions(covariance, classes, j));
  const { assignment } = kMeans(columns, { clusters: count, seed });
  const sets = Array.from({ length: count }, (_, cluster) => {
    const own = all.filter((index) => assignment[index] === cluster);
    if (size === undefined) return own;
    return ofSize(own, size, covariance, classes).toSorted((a, b) => a - b);
  });
  const unlike = new Map(sets.map((set) => [set.join(), set]));
  const useful = [...unlike.values()].filter(({ length }) => length > 1 && length < classes);
  if (useful.length === 0) throw noneUseful(sets);
  return useful;
}

/** Column j of the covariance, with its largest other entry in place of the variance. */
function confusions(covariance: Float64Array, classes: number, j: number): Float64Array {
  const column = Float64Array.from({ length: classes }, (_, i) => covariance[i * classes + j]!);
  column[j] = column.reduce((most, c, i) => (i === j ? most : Math.max(most, c)), -Infinity);
  return column;
}

/** A cluster, filled up or cut down by its covariance with single classes. */
function ofSize(
  cluster: readonly number[],
  size: number,
  covariance: Float64Array,
  classes: number,
): readonly number[] {
  const withSet = (set: readonly number[], j: number): number =>
    set.reduce((sum, i) => (i === j ? sum : sum + covariance[i * classes + j]!), 0);
  let kept = cluster;
  while (kept.length > size) {
    const set = kept;
    const least = set.reduce((a, b) => (withSet(set, b) < withSet(set, a) ? b : a));
    kept = set.filter((index) => index !== least);
  }
  const others = Array.from({ length: classes }, (_, index) => index)
    .filter((index) => !cluster.includes(index))
    .toSorted((a, b) => withSet(cluster, b) - withSet(cluster, a) || a - b);
  return [...kept, ...others.slice(0, size - kept.length)];
}

/** @throws ConfigError "config/range" for a count or size outside what the classes allow */
export function assertConfusable(options: ConfusableOptions, classes: number): void {
  const { count, size, temperature = 1 } = options;
  assertInRange("specialists", { count }, { from: 1, to: classes, isInteger: true });
  assertInRange("specialists", { temperature }, { above: 0 });
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
