import { afterAll, beforeAll, expect, test } from "vitest";
import { subset } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { correctBias } from "./class-bias.ts";
import { accuracy, predictions } from "./metrics/index.ts";
import { modelLogits } from "./model-logits.ts";
import { runDistillation } from "./run-distillation.ts";
import { data, failure, finish, randomModel, tinyRun } from "./small-problem.cases.ts";
import { planDistillation } from "./tasks/plan-distillation.ts";
import type { TrainingTaskSpec } from "./tasks/training.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const seen = [...data.train.labels.keys()].filter((at) => data.train.labels[at] !== 2);
const withoutRight = subset(data.train, seen, "train/transfer");
const teacher = {
  kind: "train",
  teacher: {
    network: { family: "mlp", hidden: [24] },
    training: { epochs: 15, batchSize: 16, learningRate: 0.01 },
    data: data.train,
  },
} as const;
const transfer = { whole: data.train, withheld: [2], biasCorrection: "shared" } as const;

test("a class that only the teacher saw: its bias is raised on validation, and is in the shipped weights", async () => {
  const run = runDistillation(
    tinyRun(runtime, teacher, {
      data: { ...data, train: withoutRight },
      transfer,
      training: { epochs: 10, batchSize: 16, learningRate: 0.01 },
      seeds: [1, 2],
    }),
  );
  const { value } = await finish(run);
  const rows = value.transfer!.rows;
  expect(rows.map(({ system, runs }) => [system, runs[0]!.bias !== null])).toEqual([
    ["whole", false],
    ["scratch", false],
    ["scratch", true],
    ["distilled", false],
    ["distilled", true],
  ]);
  const named = (row: number): number =>
    predictions(rows[row]!.runs[0]!.testLogits, 3).filter((label) => label === 2).length;
  expect(named(1)).toBe(0); // hard labels never name it
  expect(named(4)).toBeGreaterThan(named(3));
  for (const [at, { job, bias }] of rows[4]!.runs.entries()) {
    const before = rows[3]!.runs[at]!.job;
    expect(bias).toEqual([0, 0, bias![2]]);
    const logits = await modelLogits(runtime, job.model, data.validation);
    expect(accuracy(logits, data.validation.labels)).toBe(job.validationAccuracy);
    expect(job.validationAccuracy).toBeGreaterThanOrEqual(before.validationAccuracy);
  }
  const shipped = value.arms.find(({ arm }) => arm === "distilled")!.runs.map(({ job }) => job);
  expect(shipped).toEqual(rows[4]!.runs.map(({ job }) => job));
  expect(rows[0]!.runs[0]!.job.history).toHaveLength(Math.round((10 * seen.length) / 70)); // as many steps
});

test("labels: none trains the distilled student without one, and no other", async () => {
  const options = tinyRun(runtime, teacher, { transfer: { ...transfer, labels: "none" } });
  const { plan } = await planDistillation(options);
  const specOf = (name: string) =>
    plan.tasks.find((task) => task.name === name)!.spec as unknown as TrainingTaskSpec;
  expect(specOf("distilled/seed-1").soft).toMatchObject({ hardLabels: false });
  expect(specOf("scratch/seed-1").soft).toBeUndefined();
  const trained = async (labels: "keep" | "none") => {
    const own = tinyRun(runtime, teacher, {
      transfer: { whole: data.train, withheld: [], labels },
    });
    const distillation = { hardWeight: 1 };
    const { value } = await finish(runDistillation({ ...own, distillation }));
    return value.arms.map(({ runs }) => runs[0]!.job.history.map(({ train }) => train.hard));
  };
  const [[with1, scratch], [without, same]] = [await trained("keep"), await trained("none")];
  expect(same).toEqual(scratch);
  expect(without!.every((hard) => hard === 0)).toBe(true);
  expect(with1!.some((hard) => hard !== 0)).toBe(true);
});

test("a bias for each class moves every logit by as much as it says", async () => {
  const model = randomModel([8], 3, 2);
  const job = { id: "x", model, history: [], bestEpoch: 1, validationAccuracy: 0 };
  const context = { runtime, validation: data.validation };
  const { result, bias } = await correctBias(job, "perClass", [], context);
  const [before, after] = [
    await modelLogits(runtime, model, data.validation),
    await modelLogits(runtime, result.model, data.validation),
  ];
  const largest = Math.max(...after.map((z, at) => Math.abs(z - before[at]! - bias[at % 3]!)));
  expect(largest).toBeLessThan(1e-5); // float32 addition of numbers below 10
});

test("corrections that cannot be are refused before work starts", async () => {
  const refused = (more: object) =>
    failure(finish(runDistillation(tinyRun(runtime, teacher, more))));
  expect((await refused({ transfer: { ...transfer, withheld: [] } })).message).toContain(
    "a shared bias is that of classes without samples",
  );
  const others = [...data.validation.labels.keys()].filter(
    (at) => data.validation.labels[at] !== 2,
  );
  const validation = subset(data.validation, others, "validation without");
  const unseen = await refused({ transfer, data: { ...data, validation } });
  expect([unseen.code, unseen.message]).toEqual([
    "data/classes",
    expect.stringContaining("got none of right in validation without"),
  ]);
  const aware = { epochs: 2, quantizationAware: {} };
  expect((await refused({ transfer, training: aware })).message).toContain(
    "a quantised student's ranges do not hold for corrected biases",
  );
});
