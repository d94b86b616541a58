/**
 * @file An autoencoder learns zeros, a smaller one learns from it, and both find other digits
 * unusual.
 */

import { afterAll, beforeAll, expect, it } from "vitest";
import { type Dataset, subset } from "../../src/data/index.ts";
import { loadData } from "../../src/data/sources/index-node.ts";
import { reconstructionLoss } from "../../src/distill/losses/index.ts";
import { areaUnderRoc } from "../../src/distill/metrics/index.ts";
import {
  datasetFeed,
  type FeedPart,
  scalarsPart,
} from "../../src/distill/training/dataset-feed.ts";
import { input } from "../../src/engine/graph/index.ts";
import { buildNetwork, initialParameters } from "../../src/engine/nn/index.ts";
import { adam } from "../../src/engine/optim/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import type { Runtime } from "../../src/engine/runtime/runtime.ts";
import { elementCount, type Tensor, zeros } from "../../src/engine/tensor/index.ts";
import {
  assembleSlabs,
  buildStep,
  openPredictor,
  openStepRunner,
} from "../../src/engine/train/index.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const batchSize = 64;

interface Training {
  readonly bottleneck: number;
  readonly train: Dataset;
  /** a teacher's outputs for the training samples, one after another */
  readonly targets?: Float32Array;
}

/** @returns the trained network's outputs for a data set */
async function trained({ bottleneck, train, targets }: Training) {
  const network = buildNetwork({ family: "autoencoder", hidden: [48], bottleneck }, train.shape, 1);
  const weight = input("weight", "float32", []);
  const shape = [batchSize, ...train.shape];
  const fed = input("teacherOutput", "float32", shape);
  const optimizer = adam();
  const step = buildStep({
    name: "autoencoder",
    network,
    optimizer,
    objective: {
      perStep: targets === undefined ? [weight] : [weight, fed],
      terms: (output, seen) => {
        const loss = reconstructionLoss(output, targets === undefined ? seen : fed);
        return [{ name: "reconstruction", loss, weight }];
      },
    },
    sample: train,
    preprocessing: train.preprocessing,
    batchSize,
  });
  const size = elementCount(train.shape);
  const teacherPart: FeedPart = {
    inputs: [{ name: fed.name, dtype: "float32", shape }],
    fill: ({ batch }, [into]) => {
      for (const [row, index] of batch.indices.entries())
        (into as Float32Array).set(targets!.subarray(index * size, (index + 1) * size), row * size);
    },
  };
  const corrections = Object.entries(optimizer.scalars).map(
    ([name, at]) => [name, ({ step: number }: { step: number }) => at(number + 1)] as const,
  );
  const scalars = {
    learningRate: () => 0.005,
    weight: () => 1,
    ...Object.fromEntries(corrections),
  };
  const feed = datasetFeed({
    dataset: train,
    batchSize,
    epochs: 30,
    seed: 1,
    parts: [scalarsPart(scalars), ...(targets === undefined ? [] : [teacherPart])],
  });
  const weights = initialParameters(network.parameters, 1);
  const start = new Map<string, Tensor>(
    step.state.map(({ before: { name, dtype, shape: own } }) => [
      name,
      weights.get(name) ?? zeros(dtype, own),
    ]),
  );
  const runner = await openStepRunner(runtime, step, start);
  const steps = 30 * feed.stepsPerEpoch;
  await runner.run(await assembleSlabs(feed, 0, steps), steps);
  const state = await runner.state();
  await runner.close();
  const { preprocessing } = train;
  const predictor = await openPredictor(runtime, {
    network,
    sample: train,
    preprocessing,
    batchSize,
  });
  const own = new Map(network.parameters.map(({ name }) => [name, state.get(name)!]));
  return (data: Dataset) => predictor.datasetLogits(data, Object.fromEntries(own));
}

/** @returns the area under the curve of errors, digits other than zero being positive */
async function areaOf(outputs: (data: Dataset) => Promise<Float32Array>, test: Dataset) {
  const size = elementCount(test.shape);
  const stored = new Uint8Array(test.length * size);
  await test.gather(
    Int32Array.from({ length: test.length }, (_, at) => at),
    stored,
  );
  const found = await outputs(test);
  const errors = Array.from(test.labels, (_, row) => {
    let sum = 0;
    for (let at = row * size; at < (row + 1) * size; at++)
      sum += (found[at]! - stored[at]! * test.preprocessing.scale) ** 2;
    return sum / size;
  });
  const isUnusual = Array.from(test.labels, (label) => label !== 0);
  return areaUnderRoc(errors, isUnusual);
}

it("finds digits that it was not trained on, and hands that on to a smaller one", async () => {
  const { train: all, test } = await loadData({ source: "digits" });
  const usual = [...all.labels.keys()].filter((at) => all.labels[at] === 0);
  const train = subset(all, usual, "zeros");
  const teacher = await trained({ bottleneck: 8, train });
  const targets = await teacher(train);
  const student = await trained({ bottleneck: 4, train, targets });
  const [byTeacher, byStudent] = [await areaOf(teacher, test!), await areaOf(student, test!)];
  expect(byTeacher).toBeGreaterThan(0.9);
  expect(byStudent).toBeGreaterThan(0.9);
});
