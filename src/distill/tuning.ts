/**
 * @file Tuning: every arm tries the same number of settings on the validation split, and keeps its
 * best.
 */

import type { ScheduleSpec } from "../engine/optim/index.ts";
import { type ArmSources, armJob, withLearningRate } from "./arms.ts";
import type { DistillEvent } from "./events.ts";
import type { ArmName, Trial } from "./options.ts";
import type { RunJobs } from "./run-jobs.ts";
import { defaults } from "./training-spec.ts";

/** The seed of every trial; reported runs use others. */
const tuningSeed = 0;

export interface Tuned {
  readonly trials: readonly Trial[];
  /** index into trials */
  readonly chosen: number;
  readonly learningRate: ScheduleSpec;
}

/**
 * @param rates learning rates to try; with fewer than two there is nothing to choose and the
 *   training's own is kept
 * @param base schedule whose peak is replaced; default the training's
 * @param folder where the trials lie: "tuning"
 */
export async function* tuneArm(
  arm: ArmName,
  sources: ArmSources,
  jobs: RunJobs,
  rates: readonly number[],
  folder: string,
  base: ScheduleSpec = sources.options.training.learningRate ?? defaults.learningRate,
): AsyncGenerator<DistillEvent, Tuned> {
  if (rates.length < 2) {
    const learningRate = rates[0] === undefined ? base : withLearningRate(base, rates[0]);
    return { trials: [], chosen: -1, learningRate };
  }
  const trials: Trial[] = [];
  for (const rate of rates) {
    const id = `${folder}/${arm}/rate-${rate}`;
    const learningRate = withLearningRate(base, rate);
    const { validationAccuracy } = yield* jobs.run(
      armJob(arm, id, sources, { seed: tuningSeed, learningRate }),
    );
    trials.push({ learningRate: rate, validationAccuracy });
  }
  const best = Math.max(...trials.map(({ validationAccuracy }) => validationAccuracy));
  const chosen = trials.findIndex(({ validationAccuracy }) => validationAccuracy === best);
  return { trials, chosen, learningRate: withLearningRate(base, trials[chosen]!.learningRate) };
}
