/** @file "Converges quicker", measured: constant learning rates, tuned for each arm, same seeds. */

import { type ArmSources, armJob, peakOf } from "./arms.ts";
import type { DistillEvent } from "./events.ts";
import type { ConvergenceRun } from "./options.ts";
import type { RunJobs } from "./run-jobs.ts";
import { tuneArm } from "./tuning.ts";

const arms = ["distilled", "scratch"] as const;

/** @returns trainings that `measureConvergence` makes */
export function convergenceJobs(
  { options }: Pick<ArmSources, "options">,
  seeds: readonly number[],
): number {
  const { convergence } = options;
  if (convergence === undefined) return 0;
  const { learningRates } = convergence;
  const runs = Math.min(seeds.length, convergence.seeds);
  return arms.length * (runs + (learningRates.length < 2 ? 0 : learningRates.length));
}

/** @returns one run per arm and seed, or none if the run was not asked to measure this */
export async function* measureConvergence(
  sources: ArmSources,
  jobs: RunJobs,
  seeds: readonly number[],
): AsyncGenerator<DistillEvent, readonly ConvergenceRun[]> {
  const { convergence } = sources.options;
  if (convergence === undefined) return [];
  const runs: ConvergenceRun[] = [];
  for (const arm of arms) {
    const { learningRates } = convergence;
    const constant = { kind: "constant", value: 0.001 } as const;
    const tuned = yield* tuneArm(arm, sources, jobs, learningRates, "convergence/tuning", constant);
    for (const seed of seeds.slice(0, convergence.seeds)) {
      const { learningRate } = tuned;
      const job = yield* jobs.run(
        armJob(arm, `convergence/${arm}/seed-${seed}`, sources, { seed, learningRate }),
      );
      runs.push({ arm, seed, learningRate: peakOf(learningRate), job });
    }
  }
  return runs;
}
