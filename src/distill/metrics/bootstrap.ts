/** @file Intervals over training seeds and test samples at once, by resampling both. */

import { randomStream } from "../../engine/tensor/index.ts";
import { assertInRange, DataError, ShapeError } from "../../errors/index.ts";
import { type Groups, groupSums, isEnough } from "./groups.ts";
import { quantile } from "./quantile.ts";

/** A mean and the interval that holds it at the asked confidence; null for too few groups. */
export interface Interval {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

export interface BootstrapOptions {
  /** an integer ≥ 1; default 2000 */
  readonly resamples?: number;
  /** of the percentile interval, in [0, 1]; default 0.95 */
  readonly confidence?: number;
  /** of the resampling; the same seed gives the same interval. default 0 */
  readonly seed?: number;
  /**
   * group of each sample or unit (speaker, recording): groups are drawn whole, and with fewer than
   * three there is no interval. Default: each is drawn by itself
   */
  readonly groups?: Groups;
}

/**
 * The mean of values[seed][sample] with a percentile bootstrap interval in which seeds and samples
 * are both resampled: each resample draws as many seeds as there are, and as many samples as there
 * are (the same for all drawn seeds, because all seeds are tested on the same samples), with
 * replacement. Samples of one group (frames of a recording) are much alike: with `groups` whole
 * groups are drawn, as many as there are, and a resample's mean is its sum by its samples.
 *
 * With one seed, only the samples vary: such an interval says nothing about training again, and the
 * caller must say so. With few seeds the interval is somewhat narrow (a spread over S seeds comes
 * out smaller by √((S − 1)/S)), and so it is with few groups.
 *
 * @param values [seeds][samples], any number a sample, such as 0/1 for wrong/correct
 * @throws DataError "data/empty" without seeds or samples; ShapeError "shape/mismatch" when seeds
 *   differ in samples, or groups are not one a sample; ConfigError "config/range" for resamples or
 *   a confidence out of range
 * @see Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1(2), for two crossed
 *   factors; Davison, Hinkley (1997), Bootstrap Methods and their Application, §3.8, for drawing
 *   whole groups
 */
export function bootstrapMean(
  values: readonly ArrayLike<number>[],
  options: BootstrapOptions = {},
): Interval {
  const samples = assertSeeds("bootstrapMean", values);
  assertResampling("bootstrapMean", options);
  const sizes = new Uint8Array(samples).fill(1);
  return resampled("bootstrap", "bootstrapMean", { values, sizes }, options);
}

/**
 * Difference of two arms' accuracies, first − second, with its interval. Paired: seed by seed and
 * sample by sample, so what both arms share (the split, the initial weights, how hard a sample is)
 * cancels out.
 *
 * @param first uint8 [seeds][samples], 1 where correct; @param second the same, of the other arm,
 *   in the same order
 * @returns mean, low and high as shares in −1 … 1
 * @throws ShapeError "shape/mismatch" when the arms differ in seeds or samples; else as {@link
 *   bootstrapMean}
 */
export function pairedDifference(
  first: readonly Uint8Array[],
  second: readonly Uint8Array[],
  options: BootstrapOptions = {},
): Interval {
  const samples = assertSeeds("pairedDifference", [...first, ...second]);
  if (first.length !== second.length)
    throw new ShapeError("shape/mismatch", {
      where: "pairedDifference",
      rule: "both arms must have the same seeds",
      got: `${first.length} and ${second.length}`,
      fix: "Run both arms with each seed",
      details: { first: first.length, second: second.length },
    });
  const differences = first.map((hits, seed) =>
    Int8Array.from({ length: samples }, (_, i) => hits[i]! - second[seed]![i]!),
  );
  return bootstrapMean(differences, options);
}

function assertSeeds(where: string, values: readonly ArrayLike<number>[]): number {
  const samples = values[0]?.length ?? 0;
  if (samples === 0)
    throw new DataError("data/empty", {
      where,
      rule: "there must be at least one seed and one sample",
      got: `${values.length} seeds and ${samples} samples`,
      fix: "Give the results of at least one run on a test split that is not empty",
    });
  const odd = values.findIndex(({ length }) => length !== samples);
  if (odd >= 0)
    throw new ShapeError("shape/mismatch", {
      where,
      rule: "every seed must be tested on the same samples",
      got: `${samples} and ${values[odd]!.length} samples`,
      fix: "Give one value for each test sample, in the same order for each seed",
    });
  const seed = values.findIndex((own) => Array.prototype.some.call(own, Number.isNaN));
  if (seed >= 0)
    throw new DataError("data/not-a-number", {
      where,
      rule: "every value must be a number",
      got: `NaN in seed ${seed}`,
      fix: "Leave out what could not be measured",
    });
  return samples;
}

/** @throws ConfigError "config/range" */
export function assertResampling(
  where: string,
  { resamples = 2000, confidence = 0.95 }: BootstrapOptions,
): void {
  assertInRange(where, { resamples }, { from: 1, isInteger: true });
  assertInRange(where, { confidence }, { from: 0, to: 1 });
}

/** @throws DataError "data/empty" if all sizes are 0, so that there is nothing to divide by */
export function assertSizes(where: string, sizes: ArrayLike<number>): void {
  if (sumOf(sizes) !== 0) return;
  throw new DataError("data/empty", {
    where,
    rule: "a unit must have a size other than 0",
    got: `${sizes.length} units of size 0`,
    fix: "Give units in which there is something to count, such as recordings with words",
  });
}

/**
 * A ratio of sums, Σ values / Σ sizes over all seeds and units, such as word errors by words, with
 * its percentile bootstrap interval: seeds and units (recordings) are both resampled, as in {@link
 * bootstrapMean}. Of a resample whose sizes are all 0 there is no ratio: its units are drawn again.
 *
 * @param values [seeds][units]; @param sizes [units]: the same for all seeds, ≥ 0, not all 0
 * @throws DataError "data/empty" if all sizes are 0; else as {@link bootstrapMean}
 */
export function bootstrapRatio(
  values: readonly ArrayLike<number>[],
  sizes: ArrayLike<number>,
  options: BootstrapOptions = {},
): Interval {
  assertSeeds("bootstrapRatio", [...values, sizes]);
  assertSizes("bootstrapRatio", sizes);
  assertResampling("bootstrapRatio", options);
  return resampled("bootstrap ratio", "bootstrapRatio", { values, sizes }, options);
}

/** Σ values / Σ sizes over seeds and units; its interval over draws of both with replacement. */
function resampled(
  streamName: string,
  where: string,
  counted: { readonly values: readonly ArrayLike<number>[]; readonly sizes: ArrayLike<number> },
  { resamples = 2000, confidence = 0.95, seed = 0, groups }: BootstrapOptions,
): Interval {
  const summed = groupSums(where, groups, counted.sizes.length);
  const [values, sizes] = [counted.values.map(summed), summed(counted.sizes)];
  const mean =
    values.reduce((total, row) => total + sumOf(row), 0) / (sumOf(sizes) * values.length);
  if (!isEnough(groups, sizes)) return { mean, low: null, high: null };
  const units = sizes.length;
  const stream = randomStream(seed, streamName);
  const ratios = new Float64Array(resamples);
  const column = new Float64Array(units);
  for (let resample = 0; resample < resamples; resample++) {
    column.fill(0);
    for (let draw = 0; draw < values.length; draw++) {
      const drawn = values[stream.integer(values.length)]!;
      for (let unit = 0; unit < units; unit++) column[unit]! += drawn[unit]!;
    }
    let [sum, size] = [0, 0];
    do {
      [sum, size] = [0, 0];
      for (let draw = 0; draw < units; draw++) {
        const unit = stream.integer(units);
        sum += column[unit]!;
        size += sizes[unit]!;
      }
    } while (size === 0);
    ratios[resample] = sum / (size * values.length);
  }
  ratios.sort();
  return {
    mean,
    low: quantile(ratios, (1 - confidence) / 2),
    high: quantile(ratios, (1 + confidence) / 2),
  };
}

function sumOf(list: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < list.length; at++) total += list[at]!;
  return total;
}
