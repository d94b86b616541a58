/**
 * @file What the terms weigh, what the schedules feed, and the limits in which distillation is
 * plain training.
 */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeBatches, UNLABELLED } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";

import { assembleSlabs, openPredictor } from "../engine/train/index.ts";
import { type Job, prepareJob, runJob } from "./job.ts";
import { runDistillation } from "./run-distillation.ts";
import {
  data,
  finish,
  outcome,
  randomTeacher,
  stripes,
  tinyJob,
  tinyRun,
} from "./small-problem.cases.ts";
import { ensembleTeacher, type Teacher } from "./teachers/index.ts";
import { networkOf, writeModel } from "./training/model-file.ts";
import type { DistillationSpec } from "./training-spec.ts";

let runtime: Runtime;
let teacher: Teacher;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  teacher = await randomTeacher(runtime);
});
afterAll(() => runtime.close());

const trained = async (job: Job) => (await finish(runJob(job, { runtime }))).value;
const withoutTeacher = ({ soft: _, ...job }: Job): Job => job;

describe("limits", () => {
  test.each([{ name: "adam" }, { name: "sgd", momentum: 0.9 }] as const)(
    "hard weight 1 and soft weight 0 is plain training, bit for bit ($name)",
    async (optimizer) => {
      const training = {
        epochs: 3,
        batchSize: 16,
        optimizer,
        learningRate: 0.02,
        labelSmoothing: 0.1,
      };
      const job = await tinyJob(teacher, {
        training,
        distillation: { hardWeight: 1, softWeight: 0 },
      });
      const [distilled, plain] = [await trained(job), await trained(withoutTeacher(job))];
      expect(writeModel(distilled.model)).toEqual(writeModel(plain.model));
      const hard = ({ history }: typeof plain) =>
        history.map((record) => [record.train.hard, record.train.loss, record.validationLoss]);
      expect(hard(distilled)).toEqual(hard(plain));
    },
  );

  test("in a whole run, too", async () => {
    const distillation = { hardWeight: 1, softWeight: 0 };
    const options = tinyRun(runtime, { kind: "given", teacher }, { distillation });
    const { arms } = (await finish(runDistillation(options))).value;
    const [distilled, scratch] = arms.map(({ runs }) => runs[0]!.job.model);
    expect(writeModel(distilled!)).toEqual(writeModel(scratch!));
  });

  test("the labels do not matter where the hard weight is 0", async () => {
    const distillation = { hardWeight: 0, softWeight: 1 };
    const labelled = await trained(await tinyJob(teacher, { distillation }));
    const { labels: _, ...body } = data.train;
    const train = { ...body, labels: data.train.labels.map(() => UNLABELLED) };
    const bare = await trained(await tinyJob(teacher, { distillation, train }));
    expect(writeModel(bare.model)).toEqual(writeModel(labelled.model));
    expect(bare.history[0]!.train.hard).toBe(0);
    expect(bare.history[0]!.train.soft).toBeGreaterThan(0);
  });

  test("distillation is not plain training", async () => {
    const job = await tinyJob(teacher);
    const [distilled, plain] = [await trained(job), await trained(withoutTeacher(job))];
    expect(writeModel(distilled.model)).not.toEqual(writeModel(plain.model));
  });
});

describe("weights per sample", () => {
  test("the hard term divides by the batch's samples and leaves out unlabelled ones and padding", async () => {
    const train = stripes("partly", 22, 3);
    const job = await tinyJob(teacher, { train, training: { epochs: 2, batchSize: 8 } });
    const { feed } = prepareJob(job);
    expect(feed.stepsPerEpoch).toBe(3);
    const slabs = await assembleSlabs(feed, 0, 6);
    const batches = makeBatches({ length: 22, batchSize: 8, seed: 1 });
    for (let step = 0; step < 6; step++) {
      const { indices } = batches.at(step);
      const size = step % 3 === 2 ? 6 : 8; // 22 = 8 + 8 + 6
      const real = [...indices].map((_, slot) => slot < size);
      const row = (name: string) => [...slabs[name]!.data.slice(step * 8, step * 8 + 8)];
      const each = Math.fround(1 / size);
      expect(row("softSampleWeights")).toEqual(real.map((own) => (own ? each : 0)));
      expect(row("hardSampleWeights")).toEqual(
        real.map((own, slot) => (own && indices[slot]! % 3 !== 2 ? each : 0)),
      );
      expect(row("labels")).toEqual([...indices].map((index) => Math.max(0, train.labels[index]!)));
    }
  });

  test("the first step's terms are the means worked out by hand, in float64", async () => {
    const train = stripes("partly", 22, 3);
    const rate0 = { epochs: 1, batchSize: 8, learningRate: 0, optimizer: { name: "sgd" } } as const;
    const job = await tinyJob(
      teacher,
      { train, training: rate0, distillation: { temperature: 2 } },
      { precision: "float32" },
    );
    const { events, value } = await finish(runJob(job, { runtime }));
    const steps = events.filter((event) => event.type === "steps");
    const metric = (name: string) => steps.flatMap(({ metrics }) => [...metrics[name]!]);
    const { model } = value; // rate 0: still the initial weights
    const network = networkOf(model);
    const predictor = await openPredictor(runtime, { ...model, network, batchSize: 22 });
    const z = await predictor.datasetLogits(train, Object.fromEntries(model.weights));
    const row = (logits: Float32Array, index: number) => [
      ...logits.subarray(3 * index, 3 * index + 3),
    ];
    const soften = (logits: readonly number[], T: number) => {
      const e = logits.map((v) => Math.exp(v / T));
      return e.map((v) => v / e.reduce((a, b) => a + b));
    };
    const { softLabels, rows } = job.soft!;
    const batches = makeBatches({ length: 22, batchSize: 8, seed: 1 });
    for (let step = 0; step < 3; step++) {
      const { indices, weights } = batches.at(step);
      let [hard, soft] = [0, 0];
      const own = [...indices].filter((_, slot) => weights[slot] === 1);
      for (const index of own) {
        const label = train.labels[index]!;
        if (label !== UNLABELLED) hard -= Math.log(soften(row(z, index), 1)[label]!) / own.length;
        const p = soften([...softLabels.logits(rows[index]!, 0, new Float32Array(3))], 2);
        const q = soften(row(z, index), 2);
        soft +=
          (4 * p.reduce((sum, share, c) => sum + share * Math.log(share / q[c]!), 0)) / own.length;
      }
      expect(metric("hard")[step]).toBeCloseTo(hard, 5); // float32 sums of 8 samples
      expect(metric("soft")[step]).toBeCloseTo(soft, 5);
      expect(metric("loss")[step]).toBeCloseTo(0.1 * hard + 0.9 * soft, 5); // the default weights
    }
  });

  test("partly labelled data train", async () => {
    const train = stripes("train", 70, 3);
    const first = (
      await trained(
        await tinyJob(teacher, {
          train,
          training: { epochs: 8, batchSize: 16, learningRate: 0.01 },
        }),
      )
    ).history;
    expect(first.at(-1)!.train.loss).toBeLessThan(first[0]!.train.loss!);
  });
});

test("schedules of temperature and weights arrive in the feed, step by step", async () => {
  const job = await tinyJob(teacher, {
    training: {
      epochs: 2,
      batchSize: 35,
      learningRate: { kind: "step", value: 0.1, at: [0.5], factor: 0.1 },
    },
    distillation: {
      temperature: { kind: "linear", value: 8, final: 2 },
      softWeight: { kind: "warmup", value: 0.8, warmup: 0.5 },
      hardWeight: { kind: "cosine", value: 1, final: 0.2 },
    },
  });
  const slabs = await assembleSlabs(prepareJob(job).feed, 0, 4);
  const scalars = (name: string) => [...slabs[name]!.data].map((v) => Number(Number(v).toFixed(4)));
  expect(scalars("temperature")).toEqual([8, 6.5, 5, 3.5]);
  const cosine = [0, 1, 2, 3].map((step) => 0.2 + (0.8 * (1 + Math.cos((Math.PI * step) / 4))) / 2);
  expect(scalars("hardWeight")).toEqual(cosine.map((v) => Number(v.toFixed(4))));
  expect(scalars("softWeight").at(-1)).toBe(0.8);
  expect(scalars("softWeight")[0]).toBeLessThan(0.8);
  expect(scalars("learningRate")).toEqual([0.1, 0.1, 0.01, 0.01]);
});

test.each<[DistillationSpec, string]>([
  [
    { temperature: 0 },
    "distillation.temperature: value must be a finite number, above 0, got 0. Correct value.",
  ],
  [
    { temperature: { kind: "linear", value: 4, final: -4 } },
    "distillation.temperature: final must be a finite number, at least 0, got -4. Correct final.",
  ],
  [
    { softWeight: -1 },
    "distillation.softWeight: value must be a finite number, at least 0, got -1. Correct value.",
  ],
  [
    { hardWeight: { kind: "cosine", value: -1 } },
    "distillation.hardWeight: value must be a finite number, at least 0, got -1. Correct value.",
  ],
])("refuses %j when the job is made or prepared", async (distillation, message) => {
  const prepared = async (): Promise<unknown> =>
    prepareJob(await tinyJob(teacher, { distillation }));
  await expect(prepared()).rejects.toMatchObject({ code: "config/range", message });
});

test("refuses a negative learning rate when the job is prepared", async () => {
  const job = await tinyJob(teacher, { training: { epochs: 1, learningRate: -0.1 } });
  expect(() => prepareJob(job)).toThrow(expect.objectContaining({ code: "config/range" }));
});

describe("the package's form", () => {
  test("an ensemble of one is the single teacher: package and student", async () => {
    const alone = await tinyJob(teacher);
    const ensemble = await tinyJob(ensembleTeacher([teacher]));
    expect(ensemble.soft!.softLabels.manifest).toEqual(alone.soft!.softLabels.manifest); // with every shard's checksum
    expect(outcome(await trained(ensemble))).toEqual(outcome(await trained(alone)));
  });

  test("float16 and 8 bits make nearly the same student as float32", async () => {
    const logitsOf = async (precision: "float32" | "float16" | "int8") => {
      const { model } = await trained(await tinyJob(teacher, {}, { precision }));
      const predictor = await openPredictor(runtime, {
        ...model,
        network: networkOf(model),
        batchSize: 40,
        weights: model.weights,
      });
      return predictor.datasetLogits(data.validation, {});
    };
    const exact = await logitsOf("float32");
    const difference = async (precision: "float16" | "int8") => {
      const logits = await logitsOf(precision);
      return Math.max(...exact.map((value, i) => Math.abs(value - logits[i]!)));
    };
    const [half, byte] = [await difference("float16"), await difference("int8")];
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(2e-3); // logits of size 1 rounded to 11 bits, over 15 steps
    expect(byte).toBeGreaterThan(half);
    expect(byte).toBeLessThan(5e-2); // to 8 bits
  });
});

describe("early stopping", () => {
  test("stops after `patience` epochs without a better validation accuracy, and keeps the best epoch", async () => {
    const training = { epochs: 40, batchSize: 16, learningRate: 0.05, patience: 3 };
    const { history, bestEpoch, validationAccuracy } = await trained(
      await tinyJob(teacher, { training }),
    );
    expect(history.length).toBe(bestEpoch + 3);
    expect(history.length).toBeLessThan(40);
    const accuracies = history.map((record) => record.validationAccuracy);
    expect(accuracies.indexOf(Math.max(...accuracies)) + 1).toBe(bestEpoch);
    expect(validationAccuracy).toBe(Math.max(...accuracies));
  });

  test("the weights kept are those of the best epoch", async () => {
    const training = { epochs: 12, batchSize: 16, learningRate: 0.05 };
    const job = await tinyJob(teacher, { training });
    const long = await trained(job);
    const schedule = { kind: "constant", value: 0.05 } as const;
    const short = await trained({
      ...job,
      training: { ...training, learningRate: schedule, epochs: long.bestEpoch },
    });
    expect(short.bestEpoch).toBe(long.bestEpoch);
    expect(writeModel(short.model)).toEqual(writeModel(long.model));
  });

  test("only the validation split decides: other test labels change nothing", async () => {
    const flipped = { ...data.test, labels: data.test.labels.map((label) => 2 - label) };
    const options = tinyRun(
      runtime,
      { kind: "given", teacher },
      { tuning: { learningRates: [0.01, 0.03] } },
    );
    const honest = (await finish(runDistillation(options))).value;
    const other = (await finish(runDistillation({ ...options, data: { ...data, test: flipped } })))
      .value;
    expect(other.student.bytes).toEqual(honest.student.bytes);
    expect(other.arms.map(({ trials, chosen }) => [trials, chosen])).toEqual(
      honest.arms.map(({ trials, chosen }) => [trials, chosen]),
    );
  });
});
