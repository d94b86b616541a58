/** @file Golden training trajectories, and the same training as a step of ours. */

import { readFileSync } from "node:fs";
import { hardLabelLoss, softTargetLoss } from "../../src/distill/losses/index.ts";
import type { Step } from "../../src/engine/compile/index.ts";
import { input } from "../../src/engine/graph/index.ts";
import { buildNetwork, type NetworkSpec } from "../../src/engine/nn/index.ts";
import { buildOptimizer, type OptimizerSpec } from "../../src/engine/optim/index.ts";
import {
  elementCount,
  float32,
  type Shape,
  type Tensor,
  tensor,
  zeros,
} from "../../src/engine/tensor/index.ts";
import type { Slabs } from "../../src/engine/train/feed.ts";
import { buildStep, type StepOptions } from "../../src/engine/train/step-builder.ts";
import type { TrainState } from "../../src/engine/train/step-runner.ts";
import type { Numbers } from "./gradient-graph.ts";

export interface Trajectory {
  readonly name: string;
  readonly batch: number;
  readonly sample: readonly number[];
  /** one entry per batch; steps go round them */
  readonly samples: readonly (readonly number[])[];
  readonly teacherLogits: readonly (readonly number[])[];
  readonly labels: readonly (readonly number[])[];
  readonly start: Readonly<Record<string, Numbers>>;
  /** total, hard, soft of each step */
  readonly losses: readonly (readonly [number, number, number])[];
  /** before clipping; empty without clipping */
  readonly gradientNorms: readonly number[];
  /** by number of steps */
  readonly states: Readonly<Record<string, Readonly<Record<string, Recorded>>>>;
}

/** A state after some steps; of a wide network only every so many of its numbers. */
export interface Recorded extends Numbers {
  readonly every?: number;
}

/** As in the file: of a wide network without samples, and without what its weights started as. */
interface StoredTrajectory extends Omit<Trajectory, "start"> {
  readonly start: Readonly<Record<string, Pick<Numbers, "shape"> & Partial<Numbers>>>;
}

const url = new URL("../golden/optim/trajectories.json", import.meta.url);
// written by scripts/golden/trajectories.py
const stored = JSON.parse(readFileSync(url, "utf8")) as {
  readonly learningRates: readonly number[];
  readonly cases: readonly StoredTrajectory[];
};
export const golden: {
  readonly learningRates: readonly number[];
  readonly cases: readonly Trajectory[];
} = { ...stored, cases: stored.cases.map(whole) };

/** The script's formula: numbers in [−0.5, 0.5), a function of name and place. */
function drawn(name: string, shape: Shape): number[] {
  let state = [...name].reduce((sum, letter, i) => sum + (i + 1) * letter.charCodeAt(0), 0);
  return Array.from({ length: elementCount(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 16) / 65536 - 0.5;
  });
}

function whole(trajectory: StoredTrajectory): Trajectory {
  const { batch, sample, samples, teacherLogits } = trajectory;
  const start = Object.entries(trajectory.start).map(([name, { shape, data }]) => {
    return [name, { shape, data: data ?? drawn(name, shape).map((x) => x / 2) }] as const;
  });
  return {
    ...trajectory,
    start: Object.fromEntries(start),
    samples:
      samples.length > 0
        ? samples
        : teacherLogits.map((_, at) => drawn(`samples ${at}`, [batch, ...sample])),
  };
}

export interface TrainingSetup
  extends Pick<StepOptions, "clipNorm" | "maxNorm" | "decay" | "parameterGroups"> {
  readonly network: NetworkSpec;
  readonly optimizer: OptimizerSpec;
}

const classes = 3;

/** @returns the step that the trajectory was made with: 0.3 · hard + 0.7 · soft, T = 4 */
export function trajectoryStep(trajectory: Trajectory, setup: TrainingSetup): Step {
  const { batch, sample } = trajectory;
  const labels = input("labels", "int32", [batch]);
  const teacherLogits = input("teacherLogits", "float32", [batch, classes]);
  const hardWeight = input("hardWeight", "float32", []);
  const softWeight = input("softWeight", "float32", []);
  return buildStep({
    ...setup,
    name: trajectory.name,
    network: buildNetwork(setup.network, sample, classes),
    optimizer: buildOptimizer(setup.optimizer),
    objective: {
      perStep: [labels, teacherLogits, hardWeight, softWeight],
      terms: (logits) => [
        { name: "hard", loss: hardLabelLoss(logits, labels), weight: hardWeight },
        { name: "soft", loss: softTargetLoss(logits, teacherLogits), weight: softWeight },
      ],
    },
    sample: { dtype: "float32", shape: sample },
    preprocessing: { scale: 1, offset: 0 },
    batchSize: batch,
  });
}

/** @returns the golden starting weights; optimiser slots are zero */
export function startState(trajectory: Trajectory, step: Step): TrainState {
  return new Map(
    step.state.map(({ before: { name, shape } }) => {
      const start = trajectory.start[name];
      return [name, start === undefined ? zeros("float32", shape) : float32(shape, start.data)];
    }),
  );
}

/** @returns the inputs of steps from … from + count - 1 */
export function trajectorySlabs(
  trajectory: Trajectory,
  { optimizer }: TrainingSetup,
  from: number,
  count: number,
): Slabs {
  const { batch, sample } = trajectory;
  const steps = Array.from({ length: count }, (_, row) => from + row);
  const ofBatch = (all: readonly (readonly number[])[]): number[] =>
    steps.flatMap((step) => all[step % all.length]!);
  const perStep = (value: (step: number) => number): Tensor => float32([count], steps.map(value));
  const scalars = Object.entries(buildOptimizer(optimizer).scalars);
  return {
    samples: float32([count, batch, ...sample], ofBatch(trajectory.samples)),
    teacherLogits: float32([count, batch, classes], ofBatch(trajectory.teacherLogits)),
    labels: tensor("int32", [count, batch], Int32Array.from(ofBatch(trajectory.labels))),
    learningRate: perStep((step) => golden.learningRates[step]!),
    hardWeight: perStep(() => 0.3),
    softWeight: perStep(() => 0.7),
    seed: tensor("uint32", [count], Uint32Array.from(steps)),
    ...Object.fromEntries(scalars.map(([name, of]) => [name, perStep((step) => of(step + 1))])),
  };
}

/** @returns the number of elements that a state's tensors have together */
export function stateSize(state: TrainState): number {
  return [...state.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
}
