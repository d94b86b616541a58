import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dataset, memoryStore, UNLABELLED, withTeacherInputs } from "../../data/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import { Distiller } from "../distiller.ts";
import { runJob } from "../job.ts";
import { correctSamples } from "../metrics/index.ts";
import type { DistillOptions } from "../options.ts";
import { runDistillation } from "../run-distillation.ts";
import { checksOf, data, finish, refusal, tinyRun } from "../small-problem.cases.ts";
import type { Teacher } from "../teachers/index.ts";
import { networkTeacher } from "../teachers/network-teacher.ts";
import { generateAllSamples } from "./generate-samples.ts";
import { promisedSamples } from "./promised-samples.ts";

let runtime: Runtime;
let teacher: Teacher;
const network = { family: "mlp", hidden: [24] } as const;
const taught = { epochs: 25, batchSize: 16, learningRate: 0.01 };
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  const job = { id: "teacher", network, training: taught, seed: 3, ...data };
  const { value } = await finish(runJob(job, { runtime }));
  teacher = await networkTeacher(runtime, value.model);
});
afterAll(async () => {
  await teacher.close();
  await runtime.close();
});

const generated = {
  kind: "impressions",
  samples: 150,
  steps: 60,
  temperature: 5,
  learningRate: 0.05,
} as const;
/** the training part, of which no sample may be read */
const unread: Dataset = {
  ...data.train,
  gather: () => {
    throw new Error("a real training sample was read");
  },
};

function options(more: Partial<DistillOptions> = {}): DistillOptions {
  return tinyRun(
    runtime,
    { kind: "given", teacher },
    {
      data: { ...data, train: promisedSamples(unread, generated) },
      transfer: { whole: unread, withheld: [], labels: "none", generated },
      training: { epochs: 15, batchSize: 16, learningRate: 0.01 },
      arms: ["distilled"],
      ...more,
    },
  );
}

const accuracyOf = (logits: Float32Array): number =>
  correctSamples(logits, data.test.labels).reduce((sum, hit) => sum + hit, 0) / data.test.length;

test("a student of generated samples alone: no real training sample is read, all checks pass", async () => {
  const store = memoryStore();
  const { events, value } = await finish(runDistillation(options({ store })));
  const failed = Object.entries(checksOf(events)).filter(([, passed]) => !passed);
  expect(failed.map(([id]) => id)).toEqual(["J9"]); // one seed is no result
  expect(value.train).toMatchObject({ name: "generated impressions", length: 150 });
  expect(value.manifest).toMatchObject({ sampleCount: 150, dataHash: value.train.hash() });
  expect(value.manifest.generated).toMatchObject({ ...generated, seed: 0, range: [0, 255] });
  const keys = Array.from(value.train.labels, (_, at) => value.train.key(at));
  expect(value.transfer!.distinct).toBe(new Set(keys).size);
  const [run] = value.arms[0]!.runs;
  expect(accuracyOf(run!.testLogits)).toBeGreaterThan(0.6); // of three classes
  expect(value.transfer!.rows.map(({ system, runs }) => [system, runs[0]!.trainAccuracy])).toEqual([
    ["distilled", null],
  ]);
  const kinds = events.map(({ type }) => type);
  expect(kinds.indexOf("generate")).toBeLessThan(kinds.indexOf("label"));
  const again = await finish(runDistillation(options({ store })));
  expect(again.value.arms[0]!.runs[0]!.testLogits).toEqual(run!.testLogits);
});

test("a teacher that is trained first sees the real samples; wholeEpochs asks for a student that does", async () => {
  const source = {
    kind: "train",
    teacher: { network, training: taught, data: data.train },
  } as const;
  const run = options({
    teacher: source,
    transfer: { whole: data.train, withheld: [], labels: "none", generated, wholeEpochs: 8 },
  });
  const { events, value } = await finish(runDistillation(run));
  const jobs = events.flatMap((event) =>
    event.type === "job-start" ? [[event.job, event.number, event.total]] : [],
  );
  expect(jobs).toEqual([
    ["teacher", 1, 3],
    ["distilled/seed-1", 2, 3],
    ["whole/seed-1", 3, 3],
  ]);
  expect(value.transfer!.rows.map(({ system }) => system)).toEqual(["whole", "distilled"]);
  expect(value.transfer!.rows[0]!.runs[0]!.job.history).toHaveLength(8);
});

test("in code: a Distiller takes samples that have no label", async () => {
  const train = await generateAllSamples({ teacher, runtime, spec: generated });
  const distiller = new Distiller({ teacher, student: { family: "mlp", hidden: [8] } }, () =>
    nodeRuntime({ worker: false }),
  );
  const fit = { epochs: 15, batchSize: 16, learningRate: 0.01, seeds: [1] };
  const parts = { ...data, train };
  const { student, scratch } = await distiller.fit(parts, { ...fit, arms: ["distilled"] });
  expect(student.accuracy).toBeGreaterThan(0.6);
  expect(scratch).toBeNull();
  expect(await refusal(distiller.fit(parts, fit))).toMatchInlineSnapshot(
    `"config/conflict: distillation, arms: students of hard labels need a sample that has one, got scratch on generated impressions, whose samples have none. Compare with nothing: arms: [distilled]."`,
  );
});

test("what has nothing to learn from, or nothing to make samples of, is refused before work", async () => {
  const refused = (more: Partial<DistillOptions>): Promise<string> =>
    refusal(finish(runDistillation(options(more))));
  expect(await refused({ arms: ["distilled", "scratch"] })).toMatchInlineSnapshot(
    `"config/conflict: distillation, arms: students of hard labels need a sample that has one, got scratch on generated impressions, whose samples have none. Compare with nothing: arms: [distilled]."`,
  );
  expect(await refused({ convergence: { seeds: 1, learningRates: [0.01] } })).toMatchInlineSnapshot(
    `"config/conflict: distillation, arms: students of hard labels need a sample that has one, got convergence on generated impressions, whose samples have none. Compare with nothing: arms: [distilled]."`,
  );
  const bare = { kind: "train", teacher: { network, training: taught } } as const;
  expect(await refused({ teacher: bare })).toMatchInlineSnapshot(
    `"config/missing: transfer.generated: a teacher that is trained here needs data of its own, got none. Give the teacher data: the students' samples come of it."`,
  );
  const teacherClasses = ["left", "right"];
  expect(await refused({ teacherClasses })).toMatchInlineSnapshot(
    `"config/conflict: transfer.generated: generated samples are of all the data's classes, got a teacher of left, right alone. Leave teacher.classes out, or give data of these classes alone."`,
  );
  expect(await refused({ data })).toMatchInlineSnapshot(
    `"config/conflict: transfer.generated: the training samples must be the 150 that are to be made, which have no label, got 70 samples of train, with labels. Give promisedSamples(train, generated) as data.train, and the real ones as transfer.whole."`,
  );
  const odd = { samples: 149, kind: "noise" } as const;
  const other = promisedSamples(unread, odd);
  expect(await refused({ data: { ...data, train: other } })).toMatchInlineSnapshot(
    `"config/conflict: transfer.generated: the training samples must be the 150 that are to be made, which have no label, got 149 samples of generated noise. Give promisedSamples(train, generated) as data.train, and the real ones as transfer.whole."`,
  );
  const validation = withTeacherInputs(data.validation, data.validation);
  const paired = { ...options().data, validation };
  expect(await refused({ data: paired })).toMatchInlineSnapshot(
    `"config/conflict: transfer.generated: generated samples are what the teacher sees, and what the students see, got teacherInputs, which the teacher sees in place of the students' samples. Leave teacherInputs or transfer.generated out."`,
  );
  const coded = { ...bare.teacher, network: { family: "autoencoder" }, data: unread } as const;
  expect(await refused({ teacher: { kind: "train", teacher: coded } })).toMatchInlineSnapshot(
    `"config/conflict: impressions: the teacher must end in a dense layer with a column of weights for each class, got autoencoder 36-128-128-128-128-8-128-128-128-128-36, whose last kernel is output/kernel. Choose another network, or kind: noise."`,
  );
  const weights = [1, 1, 0];
  const members = { network, training: taught, data: unread, members: 3, weights };
  const one = { ...generated, samples: 1 };
  expect(
    await refused({
      teacher: { kind: "train", teacher: members },
      data: { ...data, train: promisedSamples(unread, one) },
      transfer: { whole: unread, withheld: [], labels: "none", generated: one },
    }),
  ).toMatchInlineSnapshot(
    `"config/range: generated samples: each of the teacher's 2 networks makes a part of the samples, got samples: 1. Ask for more samples, or give one of the networks as the teacher."`,
  );
  const { models: _, ...foreign } = teacher;
  expect(await refused({ teacher: { kind: "given", teacher: foreign } })).toMatchInlineSnapshot(
    `"teacher/no-gradient: impressions of teacher "mlp 36-24-3": impressions are made with the teacher's gradients, which networks of Potstill's own have, and ensembles of them, got a teacher that gives answers alone. Take kind: noise, or give samples that nobody has labelled (data.transfer)."`,
  );
  expect(await refused({ distillation: { loss: "dkd" } })).toMatchInlineSnapshot(
    `"config/conflict: generated impressions: this distillation loss needs the samples' labels, got no sample with a label. Keep some labels, or take a loss without them, such as softTargets."`,
  );
  expect(await refused({ distillation: { softWeight: 0 } })).toMatchInlineSnapshot(
    `"config/conflict: distillation: softWeight must not be 0 where the student sees no label: nothing would be learned, got 0. Raise softWeight, or keep some labels."`,
  );
  const { softLabels } = (await finish(runDistillation(options()))).value;
  expect(await refused({ teacher: { kind: "softLabels", softLabels } })).toMatchInlineSnapshot(
    `"config/conflict: transfer.generated: samples are made from a teacher, which then labels them, got its soft labels alone. Give the teacher, or train from a package that has its samples: potstill train."`,
  );
  expect([...promisedSamples(unread, generated).labels]).toEqual(new Array(150).fill(UNLABELLED));
});
