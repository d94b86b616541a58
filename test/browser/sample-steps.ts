/**
 * @file Small training runs that Node and the browser both make: networks by momentum, with hard
 * labels and with a teacher's logits; perceptron and convolutions by Adam too.
 */

import { arrayDataset, type Dataset } from "../../src/data/index.ts";
import { reconstructionLoss, softTargetLoss } from "../../src/distill/losses/index.ts";
import { type FedObjective, hardObjective } from "../../src/distill/objective.ts";
import { datasetFeed, scalarsPart } from "../../src/distill/training/dataset-feed.ts";
import { input } from "../../src/engine/graph/index.ts";
import { buildNetwork, initialParameters, type NetworkSpec } from "../../src/engine/nn/index.ts";
import { adam, type Optimizer, sgd } from "../../src/engine/optim/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { elementCount, randomStream, type Shape, zeros } from "../../src/engine/tensor/index.ts";
import { assembleSlabs, buildStep, openStepRunner } from "../../src/engine/train/index.ts";

export interface SampleStep {
  readonly spec: NetworkSpec;
  /** of one sample */
  readonly shape: Shape;
  readonly loss: "hard" | "soft" | "reconstruction";
  readonly optimizer: "momentum" | "adam";
  /** default 8; from 16 on a batch's mean goes through its convolution */
  readonly batch?: number;
  /** default 6 */
  readonly steps?: number;
  /** of the teacher's logits; default 1 */
  readonly softWeight?: number;
}

const image = [1, 8, 8];
const mlp: NetworkSpec = { family: "mlp", hidden: [16, 16], dropout: 0.2 };
const cnn: NetworkSpec = { family: "cnn", channels: [4, 6], hidden: [12], batchNorm: true };
const plain = { shape: image, loss: "hard", optimizer: "momentum" } as const;
const soft = { ...plain, loss: "soft" } as const;

export const sampleSteps: Readonly<Record<string, SampleStep>> = {
  mlp: { ...plain, spec: mlp },
  "mlp, teacher's logits": { ...soft, spec: mlp },
  "mlp, Adam": { ...soft, spec: mlp, optimizer: "adam" },
  cnn: { ...plain, spec: cnn, batch: 16 },
  "cnn, teacher's logits": { ...soft, spec: cnn },
  "cnn, Adam": { ...soft, spec: cnn, optimizer: "adam" },
  // WebGPU's kernels for channels last get such convolutions wrong
  "cnn, channels that 3 divides": {
    ...soft,
    spec: { family: "cnn", channels: [6, 8], hidden: [12] },
    steps: 3,
  },
  resnet8: { ...soft, spec: { family: "resnet8", width: 4 } },
  dsCnn: { ...soft, spec: { family: "dsCnn", channels: 4, blocks: 2, kernel: [3, 3] } },
  // On its way back through 27 normalisations of noise the gradient grows two-hundredfold, and a
  // rounding with it: after the first step every runtime goes its own way.
  mobileNetV1: {
    ...soft,
    spec: { family: "mobileNetV1", width: 0.1 },
    shape: [1, 64, 64],
    steps: 1,
    softWeight: 0.01,
  },
  gru: { ...soft, spec: { family: "gru", units: [6] }, shape: [5, 4] },
  tcn: { ...soft, spec: { family: "tcn", channels: [4, 6] }, shape: [8, 4] },
  tinyTransformer: {
    ...soft,
    spec: { family: "tinyTransformer", vocabulary: 12, width: 8, heads: 2, layers: 1 },
    shape: [6],
  },
  autoencoder: {
    ...plain,
    spec: { family: "autoencoder", hidden: [12], bottleneck: 4 },
    loss: "reconstruction",
  },
};

const optimizers: Readonly<Record<SampleStep["optimizer"], () => Optimizer>> = {
  momentum: () => sgd({ momentum: 0.9 }),
  adam: () => adam(),
};

/** Values of every state tensor after the steps, by name. */
export type StateValues = Readonly<Record<string, readonly number[]>>;

const classes = 4;
const length = 40;

/** Noise, as bytes; token ids as they are. */
function noise({ spec, shape }: SampleStep): Dataset {
  const { integer } = randomStream(7, "browser sample");
  const isTokens = spec.family === "tinyTransformer";
  const most = isTokens ? spec.vocabulary : 256;
  return arrayDataset({
    name: "noise",
    dtype: "uint8",
    shape,
    data: Uint8Array.from({ length: length * elementCount(shape) }, () => integer(most)),
    labels: Int32Array.from({ length }, (_, index) => index % classes),
    classNames: ["a", "b", "c", "d"],
    ...(isTokens && { preprocessing: { scale: 1, offset: 0 } }),
  });
}

/** KL to logits that a teacher might have given, at a temperature of 4. */
function softObjective(softWeight: number, batchSize: number): FedObjective {
  const { uniform } = randomStream(8, "browser teacher");
  const stored = Float32Array.from({ length: length * classes }, () => 8 * uniform() - 4);
  const teacherLogits = input("teacherLogits", "float32", [batchSize, classes]);
  const weight = input("softWeight", "float32", []);
  return {
    objective: {
      perStep: [teacherLogits, weight],
      terms: (logits) => [{ name: "soft", loss: softTargetLoss(logits, teacherLogits), weight }],
    },
    parts: [
      {
        inputs: [{ name: "teacherLogits", dtype: "float32", shape: [batchSize, classes] }],
        fill: ({ batch }, [row]) => {
          const logits = row as Float32Array; // the input's dtype
          for (const [slot, at] of batch.indices.entries())
            logits.set(stored.subarray(at * classes, (at + 1) * classes), slot * classes);
        },
      },
      scalarsPart({ softWeight: () => softWeight }),
    ],
  };
}

/** The error of what went in and came out. */
function reconstruction(): FedObjective {
  const weight = input("reconstructionWeight", "float32", []);
  return {
    objective: {
      perStep: [weight],
      terms: (output, seen) => [
        { name: "reconstruction", loss: reconstructionLoss(output, seen), weight },
      ],
    },
    parts: [scalarsPart({ reconstructionWeight: () => 1 })],
  };
}

/** Trains a few steps from a fixed seed. */
export async function trainSample(
  runtime: Runtime,
  sample: SampleStep,
  threads: number,
): Promise<StateValues> {
  const dataset = noise(sample);
  const network = buildNetwork(sample.spec, dataset.shape, classes);
  const optimizer = optimizers[sample.optimizer]();
  const { batch: batchSize = 8 } = sample;
  const objectives: Readonly<Record<SampleStep["loss"], () => FedObjective>> = {
    hard: () => hardObjective(dataset, batchSize),
    soft: () => softObjective(sample.softWeight ?? 1, batchSize),
    reconstruction,
  };
  const { objective, parts } = objectives[sample.loss]();
  const step = buildStep({
    name: "sample",
    network,
    objective,
    optimizer,
    sample: dataset,
    preprocessing: dataset.preprocessing,
    batchSize,
  });
  const scalars = Object.entries(optimizer.scalars).map(
    ([name, at]) => [name, (position: { step: number }) => at(position.step + 1)] as const,
  );
  const learningRate = () => (sample.optimizer === "adam" ? 0.005 : 0.05);
  const feed = datasetFeed({
    dataset,
    batchSize,
    epochs: 4,
    seed: 3,
    parts: [scalarsPart({ learningRate, ...Object.fromEntries(scalars) }), ...parts],
  });
  const weights = initialParameters(network.parameters, 3);
  const start = new Map(
    step.state.map(({ before }) => [
      before.name,
      weights.get(before.name) ?? zeros(before.dtype, before.shape),
    ]),
  );
  const runner = await openStepRunner(runtime, step, start, { threads });
  const { steps = 6 } = sample;
  await runner.run(await assembleSlabs(feed, 0, steps), steps);
  const state = await runner.state();
  await runner.close();
  return Object.fromEntries([...state].map(([name, { data }]) => [name, Array.from(data, Number)]));
}

/** @returns the largest difference of two states, and where */
export function worstDifference(
  actual: StateValues,
  expected: StateValues,
): { readonly name: string; readonly difference: number } {
  if (Object.keys(actual).sort().join() !== Object.keys(expected).sort().join())
    throw new Error(`other states: ${Object.keys(actual)} and ${Object.keys(expected)}`);
  const differences = Object.entries(expected).map(([name, values]) => ({
    name,
    // Math.max passes NaN on, which is below no tolerance
    difference: Math.max(0, ...values.map((value, at) => Math.abs(value - actual[name]![at]!))),
  }));
  return differences.reduce((worst, each) =>
    Number.isNaN(each.difference) || each.difference > worst.difference ? each : worst,
  );
}
