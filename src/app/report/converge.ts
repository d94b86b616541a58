/**
 * @file Did the distilled student learn in fewer epochs than the one from scratch? Measured, not
 * assumed.
 */

import { areaUnderCurve, bootstrapMean, epochsToReach } from "../../distill/metrics/index.ts";
import { ConfigError } from "../../errors/index.ts";
import type { ConvergenceInput, ConvergenceRun } from "./input.ts";
import { bootstrapSeed } from "./measure.ts";
import { decimal } from "./numbers.ts";
import type { ConvergenceOutcome, ConvergenceReport, ConvergenceSeed } from "./report.ts";

/** Fewer seeds than these decide nothing. */
const leastSeeds = 3;

/**
 * The target is scratch's best validation accuracy. Scratch is timed by the epoch in which it first
 * has it, the distilled student by the first epoch from which it stays there: the harder rule is
 * the distilled student's.
 *
 * "quicker" when it needs fewer epochs in every seed, "not quicker" when in at most half of them,
 * otherwise, and with fewer than three seeds, "undecided".
 */
export function reportConvergence(input: ConvergenceInput): ConvergenceReport {
  const scratchRuns = input.runs.filter(({ arm }) => arm === "scratch");
  assertPaired(input.runs, scratchRuns);
  const perSeed = scratchRuns.flatMap((scratch) => {
    const distilled = input.runs.find(
      (run) => run.arm === "distilled" && run.seed === scratch.seed,
    );
    return distilled === undefined ? [] : [compareSeed(distilled, scratch, input.labellingSeconds)];
  });
  const outcome = outcomeOf(perSeed);
  return {
    outcome,
    sentence: sentenceOf(outcome, perSeed),
    perSeed,
    areaDifference: bootstrapMean(
      perSeed.map(({ distilledArea, scratchArea }) => [distilledArea - scratchArea]),
      { seed: bootstrapSeed },
    ),
    labellingSeconds: input.labellingSeconds,
    runs: input.runs.map(({ epochSeconds: _, ...run }) => run),
  };
}

function assertPaired(
  runs: readonly ConvergenceRun[],
  scratchRuns: readonly ConvergenceRun[],
): void {
  const seeds = (arm: string): string =>
    runs.flatMap((run) => (run.arm === arm ? [run.seed] : [])).join(", ");
  const uneven = runs.find((r) => r.validationAccuracy.length !== r.epochSeconds.length);
  const empty = runs.some(({ validationAccuracy }) => validationAccuracy.length === 0);
  if (scratchRuns.length > 0 && seeds("distilled") === seeds("scratch") && !uneven && !empty)
    return;
  throw new ConfigError("config/report", {
    where: "report",
    rule: "convergence needs the same seeds for distilled and scratch, and each epoch's seconds",
    got: `seeds [${seeds("distilled")}] and [${seeds("scratch")}]`,
    fix: "Run both arms with each seed, for at least one epoch, or leave convergence out",
  });
}

function compareSeed(
  distilled: ConvergenceRun,
  scratch: ConvergenceRun,
  labellingSeconds: number,
): ConvergenceSeed {
  const target = Math.max(...scratch.validationAccuracy);
  const distilledEpoch = epochsToReach(distilled.validationAccuracy, target);
  const scratchEpoch = scratch.validationAccuracy.indexOf(target) + 1;
  const distilledSeconds = distilledEpoch === null ? null : secondsTo(distilled, distilledEpoch);
  return {
    seed: scratch.seed,
    target,
    distilledEpoch,
    scratchEpoch,
    distilledSeconds,
    distilledSecondsWithLabelling:
      distilledSeconds === null ? null : distilledSeconds + labellingSeconds,
    scratchSeconds: secondsTo(scratch, scratchEpoch),
    distilledArea: areaUnderCurve(distilled.validationAccuracy),
    scratchArea: areaUnderCurve(scratch.validationAccuracy),
  };
}

function secondsTo(run: ConvergenceRun, epoch: number): number {
  return run.epochSeconds.slice(0, epoch).reduce((sum, seconds) => sum + seconds, 0);
}

function isQuicker({ distilledEpoch, scratchEpoch }: ConvergenceSeed): boolean {
  return distilledEpoch !== null && distilledEpoch < scratchEpoch;
}

function outcomeOf(seeds: readonly ConvergenceSeed[]): ConvergenceOutcome {
  if (seeds.length < leastSeeds) return "undecided";
  const quicker = seeds.filter(isQuicker).length;
  if (quicker === seeds.length) return "quicker";
  return quicker <= seeds.length / 2 ? "not quicker" : "undecided";
}

function sentenceOf(outcome: ConvergenceOutcome, seeds: readonly ConvergenceSeed[]): string {
  const quicker = seeds.filter(isQuicker).length;
  const reached = seeds.filter(({ distilledEpoch }) => distilledEpoch !== null);
  const mean = (values: readonly number[]): string =>
    decimal(values.reduce((sum, value) => sum + value, 0) / values.length, 1);
  const lead = { quicker: "Quicker", "not quicker": "Not quicker", undecided: "Undecided" }[
    outcome
  ];
  const count = `the distilled student needed fewer epochs than scratch in ${quicker} of ${seeds.length} seeds`;
  if (reached.length === 0)
    return `${lead}: ${count}; it never stayed at scratch's best validation accuracy.`;
  const epochs = mean(reached.map(({ distilledEpoch }) => distilledEpoch ?? 0));
  const within =
    reached.length === seeds.length ? "" : ` in the ${reached.length} seeds that reach it`;
  return (
    `${lead}: ${count}. It stays at or above scratch's best from epoch ${epochs} on average${within}; ` +
    `scratch gets there in epoch ${mean(seeds.map(({ scratchEpoch }) => scratchEpoch))}. ` +
    `Seconds: ${mean(reached.map(({ distilledSeconds }) => distilledSeconds ?? 0))}, ` +
    `with labelling ${mean(reached.map((s) => s.distilledSecondsWithLabelling ?? 0))}, ` +
    `scratch ${mean(seeds.map(({ scratchSeconds }) => scratchSeconds))}.`
  );
}
