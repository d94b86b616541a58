/** @file MixUp in training: what is fed, and students that replay the teacher's mixed views. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { arrayDataset, makeMixer, memoryStore, openSoftLabels, subset } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { assembleSlabs, type Slabs } from "../engine/train/index.ts";
import { type Job, prepareJob, runJob } from "./job.ts";
import { labelAll } from "./label.ts";
import { packageJob } from "./package-job.ts";
import { data, finish, outcome, randomTeacher } from "./small-problem.cases.ts";
import { checkTeacherAgainstPackage } from "./teacher-check.ts";
import type { Teacher } from "./teachers/index.ts";

let runtime: Runtime;
let teacher: Teacher;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  teacher = await randomTeacher(runtime);
});
afterAll(() => runtime.close());

const mixup = { alpha: 0.5 };
const network = { family: "mlp", hidden: [8] } as const;
const training = { epochs: 4, batchSize: 70, learningRate: 0.01 };

async function packaged() {
  const store = memoryStore();
  const views = { count: 2, seed: 5, augmentation: { mixup } };
  await labelAll({ teacher, dataset: data.train, store, views });
  return openSoftLabels(store);
}

function numbers(slabs: Slabs, name: string): number[] {
  return Array.from(slabs[name]!.data as Float32Array);
}

test("hard labels weigh λ and 1 − λ", async () => {
  const job: Job = {
    id: "one",
    network,
    train: data.train,
    validation: data.validation,
    training: { ...training, augmentation: { mixup } },
    seed: 3,
  };
  const { feed } = prepareJob(job);
  const slabs = await assembleSlabs(feed, 1, 1); // epoch 1: view 1
  const mixOf = makeMixer(data.train, { mixup, seed: 3 });
  const { indices } = feed.samplesOf(1);
  const mixes = indices.map((index) => mixOf(index, 1));
  const labelOf = (index: number): number => data.train.labels[index]!;
  expect(numbers(slabs, "labels")).toEqual(indices.map(labelOf));
  expect(numbers(slabs, "partnerLabels")).toEqual(mixes.map(({ partner }) => labelOf(partner)));
  const own = mixes.map(({ lambda }) => Math.fround(lambda / 70));
  const others = mixes.map(({ lambda }) => Math.fround((1 - lambda) / 70));
  expect(numbers(slabs, "hardSampleWeights")).toEqual(own);
  expect(numbers(slabs, "partnerSampleWeights")).toEqual(others);
  const trained = (await finish(runJob(job, { runtime }))).value;
  expect(trained.history[0]!.train.hard).toBeGreaterThan(0);
});

test("a network that looks its samples up in a table takes no mixed ones", () => {
  const network = { family: "tinyTransformer", vocabulary: 300, width: 4, heads: 1, layers: 1 };
  const ids = arrayDataset({
    name: "ids",
    dtype: "float32",
    shape: [4],
    data: Float32Array.from({ length: 40 }, (_, at) => at),
    labels: new Int32Array(10),
    classNames: ["a"],
  });
  const job = (augmentation: object | undefined): Job => ({
    id: "one",
    network: network as Job["network"],
    train: ids,
    validation: ids,
    training: { epochs: 1, batchSize: 5, ...(augmentation && { augmentation }) },
    seed: 3,
  });
  expect(() => prepareJob(job({ mixup }))).toThrow(
    "mixup: samples that are token ids cannot be mixed: a number between two ids is another token, got ids for a network with a vocabulary of 300. Leave mixup out.",
  );
  expect(() => prepareJob(job(undefined))).not.toThrow();
});

test("the package says what was mixed, and the teacher's answers are found again", async () => {
  const softLabels = await packaged();
  expect(softLabels.manifest.views.augmentation).toEqual({ mixup });
  const found = await checkTeacherAgainstPackage({ teacher, dataset: data.train, softLabels });
  expect(found.asked).toBe(70);
  const half = subset(
    data.train,
    Array.from({ length: 35 }, (_, at) => 2 * at),
    "half",
  );
  const part = await checkTeacherAgainstPackage({ teacher, dataset: half, softLabels });
  expect(part.asked).toBeGreaterThan(5);
  expect(part.asked).toBeLessThan(35); // whose partner is elsewhere cannot be asked again
});

test("a part of the labelled data leaves out the views that it cannot make", async () => {
  const softLabels = await packaged();
  const half = subset(
    data.train,
    Array.from({ length: 35 }, (_, at) => at),
    "half",
  );
  const job = packageJob({
    id: "half",
    softLabels,
    train: half,
    validation: data.validation,
    student: network,
    seed: 1,
    training: { ...training, batchSize: 35 },
  });
  const { feed } = prepareJob(job);
  const whole = makeMixer(data.train, { mixup, seed: 5 });
  for (const step of [0, 1]) {
    const slabs = await assembleSlabs(feed, step, 1);
    const { indices } = feed.samplesOf(step);
    const isThere = indices.map((index) => whole(index, step).partner < 35);
    expect(new Set(isThere).size).toBe(2);
    expect(numbers(slabs, "softSampleWeights").map((w) => w > 0)).toEqual(isThere);
    const [own, other] = ["hardSampleWeights", "partnerSampleWeights"].map((n) =>
      numbers(slabs, n),
    );
    expect(own!.map((w, at) => w + other![at]! > 0)).toEqual(isThere);
  }
});

test("away from the teacher, in another order of the samples: the same mixed inputs", async () => {
  const softLabels = await packaged();
  const order = Int32Array.from({ length: 70 }, (_, at) => (at * 11) % 70);
  const common = { id: "one", softLabels, validation: data.validation, student: network, training };
  const near = packageJob({ ...common, train: data.train, seed: 1 });
  const away = packageJob({ ...common, train: subset(data.train, order, "other"), seed: 1 });
  const fed = async (job: Job) => {
    const { feed } = prepareJob(job);
    const slabs = await assembleSlabs(feed, 0, 1);
    const { keys } = feed.samplesOf(0);
    const rows = (name: string, size: number) =>
      keys.map((key, at) => [key, numbers(slabs, name).slice(at * size, (at + 1) * size)] as const);
    return [new Map(rows("samples", 36)), new Map(rows("teacherLogits", 3))];
  };
  expect(await fed(away)).toEqual(await fed(near));
});

test("a loss that needs one label per sample is refused", async () => {
  const softLabels = await packaged();
  const job = packageJob({
    id: "one",
    softLabels,
    train: data.train,
    validation: data.validation,
    student: network,
    training,
    distillation: { loss: "dkd" },
    seed: 1,
  });
  expect(() => prepareJob(job)).toThrow(
    "this loss needs one label per sample, and mixed samples have two",
  );
});

test("the mixed views matter: without them it is another student", async () => {
  const softLabels = await packaged();
  const common = { id: "one", softLabels, train: data.train, validation: data.validation };
  const job = packageJob({ ...common, student: network, training, seed: 1 });
  const plain = { ...job, soft: { ...job.soft!, views: undefined } };
  const [a, b] = [await finish(runJob(job, { runtime })), await finish(runJob(plain, { runtime }))];
  expect(outcome(a.value)).not.toEqual(outcome(b.value));
});
