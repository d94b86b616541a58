/** @file Small networks trained for a few seconds on the built-in digits. */

import type { Dataset } from "../../src/data/index.ts";
import { type Model, networkOf, runJob } from "../../src/distill/index.ts";
import type { Graph } from "../../src/engine/graph/index.ts";
import type { NetworkSpec } from "../../src/engine/nn/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { inferenceGraph } from "../../src/engine/train/index.ts";
import { firstDigits } from "./first-digits.ts";

export interface TrainedDigits {
  readonly model: Model;
  readonly graph: Graph;
  readonly train: Dataset;
  readonly test: Dataset;
}

/** @returns the network after some epochs on 4000 digits, and the first 500 test digits */
export async function trainDigits(
  network: NetworkSpec,
  runtime: Runtime,
  epochs = 8,
): Promise<TrainedDigits> {
  const { train, test } = await firstDigits(4000, 500);
  const training = { epochs, learningRate: { kind: "cosine", value: 0.004 } } as const;
  const job = { id: "digits", network, train, validation: test, training, seed: 1 };
  const run = runJob(job, { runtime });
  let step = await run.next();
  while (!step.done) step = await run.next();
  const { model } = step.value;
  return { model, graph: graphOfModel(model), train, test };
}

/** @returns samples → logits for one sample, weights baked in */
export function graphOfModel(model: Model): Graph {
  const { sample, preprocessing, weights } = model;
  return inferenceGraph({
    network: networkOf(model),
    sample,
    preprocessing,
    batchSize: 1,
    weights,
  });
}
