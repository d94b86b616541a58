/**
 * @file Weights of the two terms at their ends: a term of weight 0 leaves the training as if it
 *   were not there.
 */

import { afterAll, beforeAll, expect, it } from "vitest";
import { hardLabelLoss, softTargetLoss } from "../../src/distill/losses/index.ts";
import { type GraphOutput, input } from "../../src/engine/graph/index.ts";
import { buildNetwork } from "../../src/engine/nn/index.ts";
import { buildOptimizer } from "../../src/engine/optim/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import type { Runtime } from "../../src/engine/runtime/runtime.ts";
import { bytesOf } from "../../src/engine/tensor/index.ts";
import { buildStep, type ObjectiveTerm } from "../../src/engine/train/step-builder.ts";
import { openStepRunner } from "../../src/engine/train/step-runner.ts";
import { golden, startState, trajectorySlabs } from "../support/trajectory.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(async () => runtime.close());

const trajectory = golden.cases.find(({ name }) => name === "mlp, sgd")!;
const network = { family: "mlp", hidden: [8, 5] } as const;
const optimizer = { name: "sgd", momentum: 0.9 } as const;

/** All bytes of the state after ten steps on the named terms with these weights. */
async function train(weights: { readonly hard?: number; readonly soft?: number }): Promise<string> {
  const { batch, sample } = trajectory;
  const labels = input("labels", "int32", [batch]);
  const teacher = input("teacherLogits", "float32", [batch, 3]);
  const [hardWeight, softWeight] = ["hardWeight", "softWeight"].map((name) =>
    input(name, "float32", []),
  );
  const terms = (logits: GraphOutput["value"]): ObjectiveTerm[] => [
    ...(weights.hard === undefined
      ? []
      : [{ name: "hard", loss: hardLabelLoss(logits, labels), weight: hardWeight! }]),
    ...(weights.soft === undefined
      ? []
      : [{ name: "soft", loss: softTargetLoss(logits, teacher), weight: softWeight! }]),
  ];
  const step = buildStep({
    name: "weights",
    network: buildNetwork(network, sample, 3),
    optimizer: buildOptimizer(optimizer),
    objective: { perStep: [labels, teacher, hardWeight!, softWeight!], terms },
    sample: { dtype: "float32", shape: sample },
    preprocessing: { scale: 1, offset: 0 },
    batchSize: batch,
  });
  const runner = await openStepRunner(runtime, step, startState(trajectory, step));
  const slabs = trajectorySlabs(trajectory, { network, optimizer }, 0, 10);
  const fill = (name: string, value: number) => ({
    [name]: { ...slabs[name]!, data: new Float32Array(10).fill(value) },
  });
  await runner.run(
    // both are float32 vectors
    {
      ...slabs,
      ...fill("hardWeight", weights.hard ?? 0),
      ...fill("softWeight", weights.soft ?? 0),
    } as typeof slabs,
    10,
  );
  const state = await runner.state();
  await runner.close();
  return [...state].map(([name, { data }]) => `${name}:${bytesOf(data)}`).join("\n");
}

it("labels alone: bit for bit what training without a teacher gives", async () => {
  expect(await train({ hard: 1, soft: 0 })).toBe(await train({ hard: 1 }));
});

it("soft targets alone: bit for bit what training without labels gives", async () => {
  expect(await train({ hard: 0, soft: 1 })).toBe(await train({ soft: 1 }));
});

it("both terms pull: the middle is neither end", async () => {
  const middle = await train({ hard: 0.5, soft: 0.5 });
  expect(middle).not.toBe(await train({ hard: 1, soft: 0 }));
  expect(middle).not.toBe(await train({ hard: 0, soft: 1 }));
});

it("weights need not sum to 1", async () => {
  expect(await train({ hard: 2, soft: 3 })).not.toBe(await train({ hard: 0.4, soft: 0.6 }));
});
