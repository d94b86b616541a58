/**
 * @file J4, in the very step that trains: with the soft term it moves the weights elsewhere than
 * without it.
 */

import type { schedule } from "../../engine/optim/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import {
  learningRateInput,
  openStepRunner,
  type Slabs,
  type TrainState,
} from "../../engine/train/index.ts";
import { freshStart, type Job, type PreparedJob } from "../job.ts";
import { softWeightInput } from "../objective.ts";
import type { SelfCheck } from "../options.ts";
import { checkFailure, passed } from "./check.ts";
import type { WeighedStep } from "./weighed-step.ts";

/** A schedule may start at 0; the check takes this one. */
const learningRate = 0.01;

/**
 * Runs a step twice from the initial weights: as it is, and with soft weight 0.
 *
 * @param job the distilled student's
 * @param weighed a step whose soft weight is not 0, and that weighs a sample
 * @throws RunError "check/J4" if both give the same weights
 */
export async function checkSoftWeight(
  runtime: Runtime,
  job: Job,
  prepared: PreparedJob,
  weighed: WeighedStep,
): Promise<SelfCheck> {
  const { step, network } = prepared;
  const { at } = weighed;
  const start = freshStart(prepared, job.seed).state;
  const slabs = withScalar(weighed.slabs, learningRateInput, learningRate);
  const after = async (inputs: Slabs): Promise<TrainState> => {
    const runner = await openStepRunner(runtime, step, start);
    try {
      await runner.run(inputs, 1);
      return await runner.state();
    } finally {
      await runner.close();
    }
  };
  const distilled = await after(slabs);
  const plain = await after(withScalar(slabs, softWeightInput, 0));
  const changed = network.parameters.filter(({ name }) => {
    const [a, b] = [distilled.get(name)!, plain.get(name)!]; // every parameter is state
    return a.data.some((value, index) => value !== b.data[index]);
  });
  if (changed.length === 0)
    throw checkFailure("J4", {
      rule: `step ${at + 1} must move the weights elsewhere than the same step without the soft term`,
      got: "the same weights",
      fix: "Look whether the soft term is constant, or its weight is lost",
    });
  return passed("J4", `step ${at + 1} differs from plain training in ${changed.length} tensors`);
}

/** @returns the first of all steps at which a weight is not 0 */
export function firstWeighted(
  weight: ReturnType<typeof schedule>,
  totalSteps: number,
): number | undefined {
  for (let step = 0; step < totalSteps; step++) if (weight(step, totalSteps) !== 0) return step;
  return undefined;
}

function withScalar(slabs: Slabs, name: string, value: number): Slabs {
  const slab = slabs[name]!; // every step has it
  return { ...slabs, [name]: { ...slab, data: Float32Array.of(value) } as typeof slab }; // declared float32
}
