/**
 * @file From a sweep's results to its report: intervals, the best, how far behind the others are.
 */

import {
  bootstrapMean,
  epochsToReach,
  type Groups,
  type Interval,
  pairedDifference,
} from "../../distill/metrics/index.ts";
import { DataError } from "../../errors/index.ts";
import type { CreatedBy, Json } from "./input.ts";
import { resampling } from "./measure.ts";
import type { PerSeed } from "./report.ts";
import { countGroups } from "./resampling-words.ts";
import type { SweepInput, SweepPointInput, SweepRunInput, SweepTestInput } from "./sweep-input.ts";

/** When the distilled student and scratch came to stay at scratch's final accuracy. */
export interface SweepConvergence {
  readonly seed: number;
  /** validation accuracy of scratch after its last epoch */
  readonly target: number;
  /** null if it ends below */
  readonly distilledEpoch: number | null;
  readonly scratchEpoch: number;
}

export interface SweepScratch {
  readonly accuracy: Interval & PerSeed;
  /** distilled − scratch, paired by seed and sample */
  readonly difference: Interval;
  readonly convergence: readonly SweepConvergence[];
}

export interface SweepPointReport extends Omit<SweepPointInput, "runs" | "scratch" | "failure"> {
  /** on validation; null for a point that failed */
  readonly accuracy: (Interval & PerSeed) | null;
  /** this − the best point, paired by seed and sample; null for itself, and unless `isWhole` */
  readonly behind: Interval | null;
  /** the same against the best point of the same network */
  readonly behindOwn: Interval | null;
  readonly scratch: SweepScratch | null;
  readonly failure: string | null;
}

export interface SweepTest {
  readonly accuracy: Interval & PerSeed;
  readonly scratch: (Interval & PerSeed) | null;
  readonly difference: Interval | null;
  /** groups of test samples that intervals resample whole; null: each sample by itself */
  readonly groups: number | null;
}

/** What `sweep-report.json` holds. */
export interface SweepReport {
  readonly formatVersion: 1;
  readonly title: string;
  readonly axes: SweepInput["axes"];
  readonly seeds: readonly number[];
  readonly validationSize: number;
  /** groups of validation samples that intervals resample whole; null: each sample by itself */
  readonly validationGroups: number | null;
  readonly packages: number;
  readonly points: readonly SweepPointReport[];
  /** index of the whole point with the best mean validation accuracy, of equal ones the cheapest */
  readonly best: number;
  /** the best on the test split; null unless asked for */
  readonly test: SweepTest | null;
  readonly createdBy: CreatedBy;
  readonly commandLine: string;
}

/**
 * Chooses the best point and puts an interval on every number. All of it is about the validation
 * split but `test`. The best of many is by luck somewhat better on validation than it is.
 *
 * @throws DataError "data/empty" if every point failed
 */
export function buildSweepReport(input: SweepInput): SweepReport {
  const { title, axes, seeds, validationSize, packages, createdBy, commandLine } = input;
  const best = bestPoint(input.points);
  return {
    formatVersion: 1,
    title,
    axes,
    seeds,
    validationSize,
    validationGroups: countGroups(input.validationGroups),
    packages,
    points: input.points.map((point) => reportPoint(point, input, best)),
    best,
    test: input.test === null ? null : reportTest(input.test),
    createdBy,
    commandLine,
  };
}

const hits = (runs: readonly SweepRunInput[]): readonly Uint8Array[] =>
  runs.map(({ correct }) => correct);

function accuracyOf(correct: readonly Uint8Array[], groups: Groups): Interval & PerSeed {
  const perSeed = correct.map((row) => row.reduce((sum, hit) => sum + hit, 0) / row.length);
  return { ...bootstrapMean(correct, resampling(groups)), perSeed };
}

/**
 * @returns whether a point had all epochs that its recipe asks for. Successive halving gives the
 *   points that it drops fewer; what those reached is compared with nothing
 */
export function isWhole({
  epochs,
  wholeEpochs,
}: Pick<SweepPointInput, "epochs" | "wholeEpochs">): boolean {
  return epochs >= wholeEpochs;
}

function bestPoint(points: readonly SweepPointInput[]): number {
  const means = points.map((point) => {
    const perSeed = hits(point.runs).map((row) => row.reduce((sum, hit) => sum + hit, 0));
    return isWhole(point) && perSeed.length > 0 ? perSeed.reduce((sum, n) => sum + n, 0) : -1;
  });
  const most = Math.max(...means);
  if (points.length === 0 || most < 0)
    throw new DataError("data/empty", {
      where: "sweep",
      rule: "at least one point must have been trained to its end",
      got: points.map(({ name, failure }) => `${name}: ${failure ?? "not trained"}`).join("; "),
      fix: "Correct the recipe, for example with a smaller learning rate",
    });
  const equal = [...points.keys()].filter((at) => means[at] === most);
  return equal.reduce((a, b) => (points[b]!.macs < points[a]!.macs ? b : a));
}

function reportPoint(
  point: SweepPointInput,
  { points, validationGroups: groups }: SweepInput,
  best: number,
): SweepPointReport {
  const { runs, scratch, ...rest } = point;
  const network = JSON.stringify(point.student);
  const own = points.filter(
    (other) => isWhole(other) && other.runs.length > 0 && JSON.stringify(other.student) === network,
  );
  return {
    ...rest,
    accuracy: runs.length === 0 ? null : accuracyOf(hits(runs), groups),
    behind: behind(point, points[best]!, groups),
    behindOwn: own.includes(point) ? behind(point, own[bestPoint(own)]!, groups) : null,
    scratch: scratch === null || runs.length === 0 ? null : reportScratch(runs, scratch, groups),
  };
}

function behind(point: SweepPointInput, best: SweepPointInput, groups: Groups): Interval | null {
  const isComparable = point !== best && point.runs.length > 0 && isWhole(point);
  return isComparable ? difference(hits(point.runs), hits(best.runs), groups) : null;
}

function difference(
  first: readonly Uint8Array[],
  second: readonly Uint8Array[],
  groups: Groups,
): Interval {
  return pairedDifference(first, second, resampling(groups));
}

function reportScratch(
  runs: readonly SweepRunInput[],
  scratch: readonly SweepRunInput[],
  groups: Groups,
): SweepScratch {
  return {
    accuracy: accuracyOf(hits(scratch), groups),
    difference: difference(hits(runs), hits(scratch), groups),
    convergence: scratch.map(({ seed, curve }, at) => {
      const target = curve.at(-1)!; // an epoch at least
      return {
        seed,
        target,
        distilledEpoch: epochsToReach(runs[at]!.curve, target),
        scratchEpoch: epochsToReach(curve, target)!, // it ends there
      };
    }),
  };
}

function reportTest({ correct, scratch, groups }: SweepTestInput): SweepTest {
  return {
    accuracy: accuracyOf(correct, groups),
    scratch: scratch === null ? null : accuracyOf(scratch, groups),
    difference: scratch === null ? null : difference(correct, scratch, groups),
    groups: countGroups(groups),
  };
}

/** A value of an axis in few letters. */
export function showAxisValue(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
