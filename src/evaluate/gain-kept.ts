/** @file How much of an ensemble's gain over its members a distilled student keeps. */

import { DataError, ShapeError } from "../errors/index.ts";
import { randomStream } from "../tensor/index.ts";
import {
  assertResampling,
  assertSizes,
  type BootstrapOptions,
  type Interval,
} from "./bootstrap.ts";
import { quantile } from "./quantile.ts";

/** What was counted: units are what is resampled, such as samples, sentences or recordings. */
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
 * The counts may be correct answers or, with `lowerIsBetter`, errors.
 *
 * @throws DataError "data/empty" without models, ensembles, units or sizes; ShapeError
 *   "shape/mismatch" if they differ in units; ConfigError "config/range" for resamples or a
 *   confidence out of range
 * @see Hinton, Vinyals, Dean (2015), §3, Table 1, where the share is 86 %
 */
export function gainKept(counts: GainCounts, options: GainOptions = {}): GainKept {
  const { resamples = 2000, confidence = 0.95, seed = 0 } = options;
  const ensembles = severalOf(counts.ensemble);
  const units = assertUnits(counts, ensembles);
  assertResampling("gainKept", options);
  const { baseline, students, sizes = new Uint8Array(units).fill(1) } = counts;
  const stream = randomStream(seed, "gain kept");
  const drawn = new Float64Array(units);
  const shares = (models: readonly ArrayLike<number>[], chosen: () => number): number => {
    let [sum, size] = [0, 0];
    for (let i = 0; i < models.length; i++) {
      const model = models[chosen()]!;
      for (let unit = 0; unit < units; unit++) {
        sum += drawn[unit]! * model[unit]!;
        size += drawn[unit]! * sizes[unit]!;
      }
    }
    return sum / size;
  };
  const measure = (choose: (count: number) => () => number): Float64Array => {
    const [low, high, own] = [baseline, ensembles, students].map((models) =>
      shares(models, choose(models.length)),
    );
    return Float64Array.of(low!, high!, own!, high! - low!, (own! - low!) / (high! - low!));
  };
  drawn.fill(1);
  const means = measure(() => {
    let next = 0;
    return () => next++;
  });
  const draws = Array.from({ length: resamples }, () => {
    do {
      drawn.fill(0);
      for (let draw = 0; draw < units; draw++) drawn[stream.integer(units)]! += 1;
    } while (drawn.every((times, unit) => times * sizes[unit]! === 0));
    return measure((count) => () => stream.integer(count));
  });
  const interval = (column: number): Interval => {
    const sorted = Float64Array.from(draws, (row) => row[column]!).sort();
    const [low, high] = [(1 - confidence) / 2, (1 + confidence) / 2];
    return { mean: means[column]!, low: quantile(sorted, low), high: quantile(sorted, high) };
  };
  const gain = interval(3);
  return {
    baseline: interval(0),
    ensemble: interval(1),
    students: interval(2),
    gain,
    kept: isGain(gain, options) ? interval(4) : null,
  };
}

/** Whether the ensemble is clearly better, and by enough. */
function isGain(
  { mean, low, high }: Interval,
  { lowerIsBetter = false, smallestGain = 0 }: GainOptions,
): boolean {
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
