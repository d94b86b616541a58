/**
 * @file Two small training runs that Node and the browser both make: a perceptron with dropout, and
 * a network with convolution and batch normalisation.
 */

import { arrayDataset } from "../../src/data/index.ts";
import { hardObjective } from "../../src/distill/objective.ts";
import { buildNetwork, initialParameters, type NetworkSpec } from "../../src/nn/index.ts";
import { sgd } from "../../src/optim/index.ts";
import type { Runtime } from "../../src/runtime/index.ts";
import { randomStream, zeros } from "../../src/tensor/index.ts";
import {
  assembleSlabs,
  buildStep,
  datasetFeed,
  openStepRunner,
  scalarsPart,
} from "../../src/train/index.ts";

export const sampleNetworks: Readonly<Record<string, NetworkSpec>> = {
  mlp: { family: "mlp", hidden: [16, 16], dropout: 0.2 },
  cnn: { family: "cnn", channels: [4, 6], hidden: [12], batchNorm: true },
};

/** Values of every state tensor after some steps, by name. */
export type StateValues = Readonly<Record<string, readonly number[]>>;

const steps = 6;
const batchSize = 8;

/** Trains a few steps from a fixed seed. */
export async function trainSample(
  runtime: Runtime,
  spec: NetworkSpec,
  threads: number,
): Promise<StateValues> {
  const { integer } = randomStream(7, "browser sample");
  const length = 40;
  const dataset = arrayDataset({
    name: "noise",
    dtype: "uint8",
    shape: [1, 8, 8],
    data: Uint8Array.from({ length: length * 64 }, () => integer(256)),
    labels: Int32Array.from({ length }, (_, index) => index % 4),
    classNames: ["a", "b", "c", "d"],
  });
  const network = buildNetwork(spec, dataset.shape, 4);
  const { objective, parts } = hardObjective(dataset, batchSize);
  const step = buildStep({
    name: "sample",
    network,
    objective,
    optimizer: sgd({ momentum: 0.9 }),
    sample: dataset,
    preprocessing: dataset.preprocessing,
    batchSize,
  });
  const feed = datasetFeed({
    dataset,
    batchSize,
    epochs: 2,
    seed: 3,
    parts: [scalarsPart({ learningRate: () => 0.05 }), ...parts],
  });
  const weights = initialParameters(network.parameters, 3);
  const start = new Map(
    step.state.map(({ before }) => [
      before.name,
      weights.get(before.name) ?? zeros(before.dtype, before.shape),
    ]),
  );
  const runner = await openStepRunner(runtime, step, start, { threads });
  await runner.run(await assembleSlabs(feed, 0, steps), steps);
  const state = await runner.state();
  await runner.close();
  return Object.fromEntries([...state].map(([name, { data }]) => [name, Array.from(data, Number)]));
}
