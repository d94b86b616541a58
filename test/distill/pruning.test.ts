/** @file Pruning in training: how many zeros, when, for good, and units that are gone. */

import { beforeAll, expect, it } from "vitest";
import { type Dataset, memoryStore, openSoftLabels } from "../../src/data/index.ts";
import {
  type JobResult,
  labelAll,
  modelLogits,
  networkTeacher,
  type PruningSpec,
  packageJob,
  quantizeModel,
  readModel,
  runJob,
  writeModel,
} from "../../src/distill/index.ts";
import { accuracy } from "../../src/distill/metrics/index.ts";
import type { NetworkSpec } from "../../src/engine/nn/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { withoutDeadChannels } from "../../src/engine/train/index.ts";
import { isDistillError } from "../../src/errors/index.ts";
import { firstDigits } from "../support/first-digits.ts";

let runtime: Runtime;
let train: Dataset;
let test: Dataset;

beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  ({ train, test } = await firstDigits(800, 200));
});

const network: NetworkSpec = { family: "mlp", hidden: [20, 10] };
const rate = { kind: "cosine", value: 0.01 } as const;
const trainingOf = (pruning: PruningSpec, more: object = {}) => ({
  epochs: 6,
  learningRate: rate,
  pruning,
  ...more,
});

async function finished(job: Parameters<typeof runJob>[0]): Promise<JobResult> {
  const run = runJob(job, { runtime });
  let step = await run.next();
  while (!step.done) step = await run.next();
  return step.value;
}

const trained = (pruning: PruningSpec, more: object = {}, spec: NetworkSpec = network) =>
  finished({
    id: "pruned",
    network: spec,
    train,
    validation: test,
    training: trainingOf(pruning, more),
    seed: 1,
  });

/** @returns zeros of each kernel */
function zeros({ model }: JobResult): Record<string, number> {
  const kernels = [...model.weights].filter(([name]) => name.endsWith("kernel"));
  return Object.fromEntries(
    kernels.map(([name, { data }]) => [
      name,
      Array.from(data, Number).filter((x) => x === 0).length,
    ]),
  );
}

it("leaves exactly the asked share of zeros in every kernel", async () => {
  const job = await trained({ sparsity: 0.8 }, { epochs: 24 });
  expect(zeros(job)).toEqual({
    "hidden1/kernel": 0.8 * 196 * 20,
    "hidden2/kernel": 0.8 * 20 * 10,
    "output/kernel": 0.8 * 10 * 10,
  });
  expect(job.bestEpoch).toBeGreaterThan(18); // before, the network was not that sparse
  const own = accuracy(await modelLogits(runtime, job.model, test), test.labels);
  expect(own).toBeCloseTo(job.validationAccuracy, 6);
  expect(own).toBeGreaterThan(0.4); // chance is 0.1; 800 samples teach no more
});

it("reaches it at the end epoch, whatever comes after", async () => {
  const early = await trained({ sparsity: 0.5, endEpoch: 1 }, { epochs: 2 });
  const late = await trained({ sparsity: 0.5, endEpoch: 1 }, { epochs: 4 });
  expect(zeros(early)["hidden1/kernel"]).toBe(0.5 * 196 * 20);
  expect(zeros(late)).toEqual(zeros(early));
});

it("starts at the start epoch: until then training is the plain one", async () => {
  const losses = ({ history }: JobResult) => history.map(({ train: { loss } }) => loss);
  const pruned = losses(await trained({ sparsity: 0.9, startEpoch: 2, endEpoch: 3 }));
  const training = { epochs: 6, learningRate: rate };
  const plain = losses(
    await finished({ id: "plain", network, train, validation: test, training, seed: 1 }),
  );
  expect(pruned.slice(0, 2)).toEqual(plain.slice(0, 2));
  expect(pruned[2]).not.toBe(plain[2]);
});

it("takes hidden units out for good, under a distillation loss", async () => {
  const teacher = await finished({
    id: "teacher",
    network: { family: "mlp", hidden: [32] },
    train,
    validation: test,
    training: { epochs: 4, learningRate: rate },
    seed: 9,
  });
  const store = memoryStore("labels");
  await labelAll({ teacher: await networkTeacher(runtime, teacher.model), dataset: train, store });
  const job = await finished(
    packageJob({
      id: "student",
      softLabels: await openSoftLabels(store),
      train,
      validation: test,
      student: network,
      training: trainingOf({ sparsity: 0.5, structure: "units" }, { epochs: 24 }),
      seed: 1,
    }),
  );
  const { model, validationAccuracy } = job;
  expect(model.spec).toEqual({ family: "mlp", hidden: [10, 5] });
  expect(model.weights.get("hidden2/kernel")!.shape).toEqual([10, 5]);
  // the small network is the masked one that was validated
  const logits = await modelLogits(runtime, readModel(writeModel(model), "test"), test);
  expect(accuracy(logits, test.labels)).toBeCloseTo(validationAccuracy, 6);
  expect(validationAccuracy).toBeGreaterThan(0.4); // chance is 0.1
  expect(job.history.at(-1)!.train.soft).toBeGreaterThan(0);
});

it("removes the dead units of a layer and leaves the function as it is", async () => {
  const { model } = await trained({ sparsity: 0.1 });
  const dead = new Map(model.weights);
  for (const name of ["hidden1/kernel", "hidden1/bias"]) {
    const weight = dead.get(name)!;
    const values = Array.from<number | bigint>(weight.data);
    const data = Float32Array.from(values, (x, at) => (at % 20 < 7 ? 0 : Number(x)));
    dead.set(name, { dtype: "float32", shape: weight.shape, data });
  }
  const before = { ...model, weights: dead };
  const after = withoutDeadChannels(before);
  expect(after.spec).toEqual({ family: "mlp", hidden: [13, 10] });
  const [a, b] = [
    await modelLogits(runtime, before, test),
    await modelLogits(runtime, after, test),
  ];
  const worst = a.reduce((most, x, at) => Math.max(most, Math.abs(x - b[at]!)), 0);
  expect(worst).toBeLessThan(1e-5); // sums in another order
});

it("prunes weights on the int8 grid too", async () => {
  const { model } = await trained({ sparsity: 0.75 }, { quantizationAware: {} });
  const { layers } = await quantizeModel(model, { calibration: train, runtime });
  const first = layers.find(({ kind }) => kind === "dense");
  if (first?.kind !== "dense") throw new Error("no dense layer");
  expect([...first.weights].filter((q) => q === 0).length).toBeGreaterThanOrEqual(0.75 * 196 * 20);
});

it.each<[PruningSpec, object, NetworkSpec, string, string]>([
  [{ sparsity: 1 }, {}, network, "config/range", "sparsity must be"],
  [{ sparsity: 0.5, endEpoch: 6 }, {}, network, "config/range", "endEpoch must be"],
  [
    { sparsity: 0.5, structure: "units" },
    {},
    { family: "cnn", channels: [4] },
    "config/conflict",
    "the student must be an mlp",
  ],
  [
    { sparsity: 0.5, structure: "units" },
    {},
    { family: "mlp", hidden: [4], activation: "sigmoid" },
    "config/conflict",
    "the activation must map 0 to 0",
  ],
  [
    { sparsity: 0.5, structure: "units" },
    { quantizationAware: {} },
    network,
    "config/conflict",
    "units cannot go from a network whose weight scales are trained",
  ],
])("refuses %o with %o", async (pruning, more, spec, code, rule) => {
  const error: unknown = await trained(pruning, more, spec).catch((thrown: unknown) => thrown);
  if (!isDistillError(error)) throw error;
  expect(error.code).toBe(code);
  expect(error.message).toContain(rule);
});
