/** @file All points of a sweep: the whole grid, or successive halving over it. */

import { halvingRungs } from "../../../distill/index.ts";
import { bootstrapMean } from "../../../distill/metrics/index.ts";
import { type PointPlan, type TrainedPoint, trainPoint } from "./point-tasks.ts";
import type { StudentResult } from "./task.ts";
import type { Perform } from "./task-runner.ts";

export interface PointOutcome extends TrainedPoint {
  /** that its trainings had */
  readonly epochs: number;
}

/** Epochs of the first rung at least: fewer say little. */
const minimumEpochs = 3;

/** Trains the distilled students of all points. @returns one outcome a point, in their order */
export async function runPoints(
  plans: readonly PointPlan[],
  {
    seeds,
    halving,
    perform,
    onRung,
  }: {
    readonly seeds: readonly number[];
    readonly halving: boolean;
    readonly perform: Perform;
    readonly onRung: (points: number, epochs: number) => void;
  },
): Promise<readonly PointOutcome[]> {
  const whole = Math.max(...plans.map(epochsOf));
  const rungs = halving
    ? halvingRungs({ candidates: plans.length, epochs: whole, minimumEpochs })
    : [{ count: plans.length, epochs: whole }];
  const outcomes = new Map<PointPlan, PointOutcome>();
  let alive = plans;
  for (const { count, epochs } of rungs) {
    alive = [...alive]
      .sort((a, b) => scoreOf(outcomes.get(b)) - scoreOf(outcomes.get(a)))
      .slice(0, count);
    if (halving) onRung(count, epochs);
    await Promise.all(
      alive.map(async (plan) => {
        const own = Math.max(1, Math.round((epochs * epochsOf(plan)) / whole));
        const trained = await trainPoint(plan, "distilled", { seeds, epochs: own, perform });
        outcomes.set(plan, { ...trained, epochs: own });
      }),
    );
  }
  return plans.map((plan) => outcomes.get(plan)!); // the first rung has all of them
}

/** @returns epochs that a point's recipe asks for */
export function epochsOf({ point }: PointPlan): number {
  return point.recipe.training.epochs;
}

/** Mean validation accuracy; −1 for what failed. Equal ones keep their order. */
function scoreOf(outcome: PointOutcome | undefined): number {
  if (outcome === undefined || outcome.results.length === 0) return -1;
  return bootstrapMean(outcome.results.map(correctOf), { resamples: 1 }).mean;
}

/** @returns uint8 [validation samples] */
export function correctOf({ correct }: StudentResult): Uint8Array {
  return Uint8Array.from(correct, Number);
}
