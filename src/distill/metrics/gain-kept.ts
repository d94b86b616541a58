/** @file How much of an ensemble's gain over its members a distilled student keeps. */

import { randomStream } from "../../engine/tensor/index.ts";
import { DataError, ShapeError } from "../../errors/index.ts";
import {
  assertResampling,
  assertSizes,
  type BootstrapOptions,
  type Interval,
} from "./bootstrap.ts";
import { groupSums, isEnough } from "./groups.ts";
import { quantile } from "./quantile.ts";

/** What was counted: units are what is resampled, such as samples, or added up to groups. */
export interface GainCounts {
  /** [models][units]: counts of each single model as large as the student (the baseline) */
  readonly baseline: readonly ArrayLike<number>[];
  /** [units] of one ensemble, or [ensembles][units] of several, such as one a seed */
  readonly ensemble: ArrayLike<number> | readonly ArrayLike<number>[];
  /** [seeds][units] */
  readonly students: readonly ArrayLike<number>[];
  /** [units]: what the counts are a share of, such as words; ≥ 0, not all 0; default 1 each */
  readonly sizes?: ArrayLike<number>;
}

export interface GainOptions extends BootstrapOptions {
  /** what is counted are errors: a gain is negative; default false, correct answers */
  readonly lowerIsBetter?: boolean;
  /** the gain in size under which a share of it means nothing; default 0 */
  readonly smallestGain?: number;
}

export interface GainKept {
  readonly baseline: Interval;
  readonly ensemble: Interval;
  readonly students: Interval;
  /** ensemble − baseline: negative for a gain where lower is better */
  readonly gain: Interval;
  /**
   * (students − baseline) / (ensemble − baseline): 1 keeps all of it. Null, undefined, unless the
   * ensemble is clearly better, its gain's interval beyond 0, and the gain reaches `smallestGain`.
   */
  readonly kept: Interval | null;
}

/**
 * Shares of counts, and the share of the gain kept, with percentile bootstrap intervals. Each
 * resample draws units, baseline models, ensembles (of one the same each time) and students' seeds
 * with replacement, the same units for all. Units are drawn again where all of them have size 0.
 * The counts may be correct answers or, with `lowerIsBetter`, errors. With `groups` whole groups of
 * units are drawn; of fewer than three there is no interval, and so no share.
 *
 * @throws DataError "data/empty" without models, ensembles, units or sizes; ShapeError
 *   "shape/mismatch" if they differ in units, or groups are not one a unit; ConfigError
 *   "config/range" for resamples or a confidence out of range
 * @see Hinton, Vinyals, Dean (2015), §3, Table 1, where the share is 86 %
 */
export function gainKept(counts: GainCounts, options: GainOptions = {}): GainKept {
  const { resamples = 2000, seed = 0, groups } = options;
  const given = severalOf(counts.ensemble);
  const length = assertUnits(counts, given);
  assertResampling("gainKept", options);
  const summed = groupSums("gainKept", groups, length);
  const sizes = summed(counts.sizes ?? new Uint8Array(length).fill(1));
  const models = [counts.baseline, given, counts.students].map((rows) => rows.map(summed));
  const units = sizes.length;
  const stream = randomStream(seed, "gain kept");
  const drawn = new Float64Array(units);
  const measure = (choose: (count: number) => () => number): Float64Array => {
    const [low, high, own] = models.map((rows) => shareOf(rows, choose(rows.length), drawn, sizes));
    return Float64Array.of(low!, high!, own!, high! - low!, (own! - low!) / (high! - low!));
  };
  drawn.fill(1);
  const means = measure(() => {
    let next = 0;
    return () => next++;
  });
  const resample = (): Float64Array => {
    do {
      drawn.fill(0);
      for (let draw = 0; draw < units; draw++) drawn[stream.integer(units)]! += 1;
    } while (drawn.every((times, unit) => times * sizes[unit]! === 0));
    return measure((count) => () => stream.integer(count));
  };
  const draws = isEnough(groups, sizes) ? Array.from({ length: resamples }, resample) : null;
  const [baseline, ensemble, students, gain, kept] = Array.from(means, (mean, column) =>
    intervalOf(mean, draws?.map((row) => row[column]!) ?? null, options),
  ) as [Interval, Interval, Interval, Interval, Interval]; // one a column of `measure`
  return { baseline, ensemble, students, gain, kept: isGain(gain, options) ? kept : null };
}

/** @returns Σ drawn · counts / Σ drawn · sizes over as many models as there are */
function shareOf(
  models: readonly ArrayLike<number>[],
  chosen: () => number,
  drawn: Float64Array,
  sizes: ArrayLike<number>,
): number {
  let [sum, size] = [0, 0];
  for (let i = 0; i < models.length; i++) {
    const model = models[chosen()]!;
    for (let unit = 0; unit < drawn.length; unit++) {
      sum += drawn[unit]! * model[unit]!;
      size += drawn[unit]! * sizes[unit]!;
    }
  }
  return sum / size;
}

function intervalOf(
  mean: number,
  draws: readonly number[] | null,
  { confidence = 0.95 }: BootstrapOptions,
): Interval {
  if (draws === null) return { mean, low: null, high: null };
  const sorted = Float64Array.from(draws).sort();
  const [low, high] = [(1 - confidence) / 2, (1 + confidence) / 2];
  return { mean, low: quantile(sorted, low), high: quantile(sorted, high) };
}

/** Whether the ensemble is clearly better, and by enough. */
function isGain(
  { mean, low, high }: Interval,
  { lowerIsBetter = false, smallestGain = 0 }: GainOptions,
): boolean {
  if (low === null || high === null) return false;
  const [size, nearest] = lowerIsBetter ? [-mean, -high] : [mean, low];
  return nearest > 0 && size >= smallestGain;
}

function severalOf(ensemble: GainCounts["ensemble"]): readonly ArrayLike<number>[] {
  const isOne = (given: typeof ensemble): given is ArrayLike<number> =>
    typeof given[0] === "number";
  return isOne(ensemble) ? [ensemble] : ensemble;
}

function assertUnits(
  { baseline, students, sizes }: GainCounts,
  ensembles: readonly ArrayLike<number>[],
): number {
  const units = ensembles[0]?.length ?? 0;
  if (units === 0 || baseline.length === 0 || students.length === 0)
    throw new DataError("data/empty", {
      where: "gainKept",
      rule: "there must be baseline models, ensembles, students, and units that were counted",
      got: `${baseline.length}, ${ensembles.length}, ${students.length} and ${units}`,
      fix: "Give the results of at least one of each",
    });
  const all = [...baseline, ...ensembles, ...students, ...(sizes === undefined ? [] : [sizes])];
  const odd = all.find(({ length }) => length !== units);
  if (odd !== undefined)
    throw new ShapeError("shape/mismatch", {
      where: "gainKept",
      rule: "all models must be counted on the same units",
      got: `${units} and ${odd.length} units`,
      fix: "Test every model on the same samples, in the same order",
    });
  if (sizes !== undefined) assertSizes("gainKept", sizes);
  return units;
}
