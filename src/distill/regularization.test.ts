/** @file Penalties in training: what they push down, in all arms, whole or in parts of a batch. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import type { StepsEvent } from "../engine/train/index.ts";
import { type JobResult, runJob } from "./job.ts";
import { data, failure, finish } from "./small-problem.cases.ts";
import type { TrainingSpec } from "./training-spec.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const training: TrainingSpec = { epochs: 12, batchSize: 16, learningRate: 0.01 };

async function trained(more: Partial<TrainingSpec>) {
  const { train, validation } = data;
  const network = { family: "mlp", hidden: [12] } as const;
  const job = {
    id: "one",
    network,
    train,
    validation,
    training: { ...training, ...more },
    seed: 3,
  };
  const { value, events } = await finish(runJob(job, { runtime }));
  const steps = events.filter((event): event is StepsEvent => event.type === "steps");
  const metric = (name: string): number[] => steps.flatMap(({ metrics }) => [...metrics[name]!]);
  return { value, metric };
}

function kernel({ model }: JobResult): Float32Array {
  return model.weights.get("hidden1/kernel")!.data as Float32Array;
}

const sum = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((total, value) => total + Math.abs(value), 0);

/** Norms of the twelve units, smallest first. */
function lengths(weights: Float32Array): number[] {
  const norm = (unit: number): number => Math.hypot(...weights.filter((_, at) => at % 12 === unit));
  return Array.from({ length: 12 }, (_, unit) => norm(unit)).sort((a, b) => a - b);
}

test("l1 makes the sum of magnitudes small, group lasso whole units", async () => {
  const keep = { keep: "last" } as const;
  const plain = kernel((await trained(keep)).value);
  const sparse = kernel((await trained({ ...keep, regularization: { l1: 0.01 } })).value);
  const grouped = kernel((await trained({ ...keep, regularization: { groupLasso: 0.02 } })).value);
  expect(sum(sparse)).toBeLessThan(0.6 * sum(plain));
  const spread = (weights: Float32Array): number => lengths(weights)[0]! / lengths(weights).at(-1)!;
  expect(spread(grouped)).toBeLessThan(0.5 * spread(plain));
});

test("the total has the penalty in it, and the metric is its value at the step's start", async () => {
  const { metric } = await trained({ regularization: { l1: 0.01, groupLasso: 0.02 } });
  const [loss, hard, penalty] = ["loss", "hard", "regularization"].map(metric);
  for (const [step, total] of loss!.entries())
    expect(total).toBeCloseTo(hard![step]! + penalty![step]!, 4); // float32
});

test("parts of a batch have the penalty once", async () => {
  const regularization = { l1: 0.01, groupLasso: 0.02 };
  const whole = await trained({ regularization });
  const parts = await trained({ regularization, accumulate: 4 });
  for (const [step, value] of whole.metric("regularization").entries())
    expect(parts.metric("regularization")[step]).toBeCloseTo(value, 4); // sums in another order, and Adam
});

test("a negative factor is refused", async () => {
  const { code, message } = await failure(trained({ regularization: { l1: -1 } }));
  expect(code).toBe("config/range");
  expect(message).toContain("training.regularization");
});

test("what is pruned counts no more", async () => {
  const { value, metric } = await trained({
    keep: "last",
    regularization: { l1: 0.001 },
    pruning: { sparsity: 0.9, endEpoch: 6 },
  });
  const own = [...value.model.weights].filter(([name]) => name.endsWith("kernel"));
  const whole = own.reduce((total, [, { data: values }]) => total + sum(values as Float32Array), 0);
  expect(metric("regularization").at(-1)! / (0.001 * whole)).toBeCloseTo(1, 1); // a step earlier
});

test("factors of 0 are no penalty: a sweep may begin there", async () => {
  const { value } = await trained({ regularization: { l1: 0 } });
  expect(kernel(value)).toEqual(kernel((await trained({})).value));
});
