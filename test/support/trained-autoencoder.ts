/** @file A small autoencoder trained for a few seconds to reconstruct the built-in digits. */

import { type Model, networkOf } from "../../src/distill/index.ts";
import { datasetFeed, scalarsPart } from "../../src/distill/training/dataset-feed.ts";
import { constant, input, type Value } from "../../src/engine/graph/index.ts";
import { initialParameters, type NetworkSpec } from "../../src/engine/nn/index.ts";
import { mul, reduceMean, reshape, sub } from "../../src/engine/ops/index.ts";
import { buildOptimizer } from "../../src/engine/optim/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { scalar, type Tensor, zeros } from "../../src/engine/tensor/index.ts";
import { buildStep, fit as trainSteps } from "../../src/engine/train/index.ts";
import { firstDigits } from "./first-digits.ts";
import { graphOfModel, type TrainedDigits } from "./trained-digits.ts";

const spec: NetworkSpec = { family: "autoencoder", hidden: [37, 21], bottleneck: 9 };
const [batchSize, pixels] = [32, 196];

/** @returns an autoencoder of odd widths after some epochs on 4000 digits, and 500 test digits */
export async function trainAutoencoder(runtime: Runtime, epochs = 6): Promise<TrainedDigits> {
  const { train, test } = await firstDigits(4000, 500);
  const { dtype, shape, preprocessing, classNames } = train;
  const about: Omit<Model, "weights"> = {
    spec,
    sample: { dtype, shape },
    preprocessing,
    classNames,
  };
  const network = networkOf(about);
  const optimizer = buildOptimizer({ name: "adam" });
  const target = input("target", "float32", [batchSize, pixels]);
  const terms = (output: Value) => {
    const difference = sub(reshape(output, [batchSize, pixels]), target);
    const weight = constant(scalar("float32", 1));
    return [{ name: "squared", loss: reduceMean(mul(difference, difference)), weight }];
  };
  const objective = { perStep: [target], terms };
  const common = { name: "autoencoder", network, objective, optimizer, preprocessing, batchSize };
  const step = buildStep({ ...common, sample: train });
  const rates = {
    learningRate: () => 0.003,
    ...Object.fromEntries(
      Object.entries(optimizer.scalars).map(([name, at]) => [
        name,
        ({ step: number }: { readonly step: number }) => at(number + 1),
      ]),
    ),
  };
  const bytes = new Uint8Array(batchSize * pixels);
  const targets = {
    inputs: [{ name: "target", dtype: "float32", shape: [batchSize, pixels] }] as const,
    fill: async (
      { batch }: { readonly batch: { readonly indices: Int32Array } },
      [row]: readonly { [index: number]: number | bigint }[],
    ) => {
      await train.gather(batch.indices, bytes);
      bytes.forEach((byte, at) => {
        row![at] = byte / 255;
      });
    },
  };
  const parts = [scalarsPart(rates), targets];
  const feed = datasetFeed({ dataset: train, batchSize, epochs, seed: 1, parts });
  const weights = initialParameters(network.parameters, 1);
  const state = new Map<string, Tensor>(
    step.state.map(({ before: { name, dtype: kind, shape: size } }) => [
      name,
      weights.get(name) ?? zeros(kind, size),
    ]),
  );
  const start = { step: 0, history: [], epochSums: {}, epochSeconds: 0, best: null, state };
  const weightNames = network.parameters.map(({ name }) => name);
  let epoch = 0;
  const validate = async () => ({ accuracy: ++epoch / 1000, loss: 0 }); // the last one is kept
  const run = trainSteps({
    job: "autoencoder",
    runtime,
    step,
    feed,
    epochs,
    start,
    weightNames,
    validate,
  });
  let next = await run.next();
  while (!next.done) next = await run.next();
  const model = { ...about, weights: next.value.best!.weights }; // after an epoch there is one
  return { model, graph: graphOfModel(model), train, test };
}
