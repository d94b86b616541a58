/** @file A teacher that sees the whole picture, and a student of a poor one. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  alignSoftLabels,
  arrayDataset,
  type Dataset,
  memoryStore,
  openSoftLabels,
  type Store,
  seenByTeacher,
  splitDataset,
  subset,
  withTeacherInputs,
} from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { Distiller } from "./distiller.ts";
import { openFeatures } from "./features/open-features.ts";
import { runJob } from "./job.ts";
import { label, labelAll } from "./label.ts";
import { teacherLogits } from "./member-logits.ts";
import type { DistillOptions, TeacherSource } from "./options.ts";
import { packageJob } from "./package-job.ts";
import { runDistillation } from "./run-distillation.ts";
import {
  checksOf,
  failure,
  finish,
  data as full,
  outcome,
  randomModel,
  randomTeacher,
  stripes,
  tinyRun,
} from "./small-problem.cases.ts";
import { checkTeacherAgainstPackage } from "./teacher-check.ts";
import type { TeacherBatch } from "./teachers/index.ts";
import { networkTeacher } from "./teachers/network-teacher.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

/** [1, 3, 3]: means of 2 × 2 pixels of a picture [1, 6, 6]. */
async function poorOf(dataset: Dataset): Promise<Dataset> {
  const { length, labels, classNames } = dataset;
  const pixels = new Uint8Array(length * 36);
  await dataset.gather(
    Int32Array.from({ length }, (_, at) => at),
    pixels,
  );
  const data = Uint8Array.from({ length: length * 9 }, (_, at) => {
    const cell = at % 9;
    const first = Math.floor(at / 9) * 36 + Math.floor(cell / 3) * 12 + (cell % 3) * 2;
    const sum = [0, 1, 6, 7].reduce((total, step) => total + pixels[first + step]!, 0);
    return Math.round(sum / 4);
  });
  const name = `${dataset.name}, poor`;
  return arrayDataset({ name, dtype: "uint8", shape: [1, 3, 3], data, labels, classNames });
}

type Parts = DistillOptions["data"];
const mapped = async (change: (part: Dataset) => Promise<Dataset>): Promise<Parts> => ({
  train: await change(full.train),
  validation: await change(full.validation),
  test: await change(full.test),
});
const poor = await mapped(poorOf);
const data = await mapped(async (part) => withTeacherInputs(await poorOf(part), part));

/** Of the student's inputs it would have fewer parameters than the students of these tests. */
const trained = {
  kind: "train",
  teacher: {
    network: { family: "mlp", hidden: [12] },
    training: { epochs: 4, batchSize: 16, learningRate: 0.01 },
  },
} as const satisfies TeacherSource;
const student = { family: "mlp", hidden: [20] } as const;

async function bytesOf(store: Store, below: string): Promise<Record<string, string>> {
  const names = (await store.list()).filter((name) => name.startsWith(below));
  const read = async (name: string): Promise<[string, string]> => [
    name.slice(below.length),
    Buffer.from((await store.read(name))!).toString("hex"),
  ];
  return Object.fromEntries(await Promise.all(names.map(read)));
}

describe("a run", () => {
  test("trains the teacher on its own inputs, asks it about them, and the student sees its own", async () => {
    const store = memoryStore();
    const options = tinyRun(runtime, trained, { data, student, store });
    const { events, value } = await finish(runDistillation(options));
    expect(checksOf(events)).toMatchObject({ J1: true, J4: true, J5: true, J6: true, J7: true });
    const { model } = value.teacherModels[0]!;
    expect(model.sample.shape).toEqual([1, 6, 6]);
    expect(value.student.bytes.length).toBeGreaterThan(0);
    expect(value.arms[0]?.runs[0]?.job.model.sample.shape).toEqual([1, 3, 3]);
    const teacher = await networkTeacher(runtime, model);
    try {
      const { softLabels, manifest } = value;
      expect(manifest).toMatchObject({
        dataHash: poor.train.hash(),
        sample: { dtype: "uint8", shape: [1, 3, 3] },
        teacherInputs: {
          name: "train",
          hash: full.train.hash(),
          sample: { dtype: "uint8", shape: [1, 6, 6] },
        },
      });
      const said = await teacherLogits(teacher, full.train);
      const row = new Float32Array(3);
      for (const [at, key] of softLabels.keys.entries()) {
        expect(key).toBe(poor.train.key(at));
        for (const [k, logit] of softLabels.logits(at, 0, row).entries())
          expect(Math.abs(logit - said[3 * at + k]!)).toBeLessThan(0.01); // float16 below 10
      }
      expect([...value.teacherTestLogits!]).toEqual([...(await teacherLogits(teacher, full.test))]);
      const alone = memoryStore();
      await labelAll({ teacher, dataset: data.train, store: alone, createdBy: "test" });
      const manifestName = (await store.list()).find((name) => name.endsWith("/manifest.json"))!;
      const place = manifestName.replace("manifest.json", "");
      expect(await bytesOf(alone, "")).toEqual(await bytesOf(store, place));
    } finally {
      await teacher.close();
    }
  });

  test("its package trains the same student, byte for byte, where no teacher input is", async () => {
    const source = { kind: "train", teacher: { ...trained.teacher, data: data.train } } as const;
    const options = tinyRun(runtime, source, { data, student, labels: { withInputs: true } });
    const { value } = await finish(runDistillation(options));
    const { softLabels } = value;
    const { training } = options;
    for (const train of [poor.train, softLabels.asDataset()]) {
      const { validation } = poor;
      const parts = { train, validation, softLabels, student, training };
      const job = packageJob({ id: "distilled/seed-1", ...parts, seed: 1 });
      const away = (await finish(runJob(job, { runtime }))).value;
      expect(outcome(away)).toEqual(outcome(value.arms[0]!.runs[0]!.job));
    }
  });

  test("live, the teacher is asked about its inputs and the student comes out the same", async () => {
    const teacher = await randomTeacher(runtime);
    const shapes = new Set<string>();
    const watched = {
      ...teacher,
      logits: (batch: TeacherBatch) => {
        shapes.add(batch.samples.shape.slice(1).join());
        return teacher.logits(batch);
      },
    };
    const outcomeOf = async (live: boolean): Promise<unknown> => {
      const source = { kind: "given", teacher: watched } as const;
      const options = tinyRun(runtime, source, { data, distillation: { live } });
      const { value } = await finish(runDistillation(options));
      return outcome(value.arms[0]!.runs[0]!.job);
    };
    expect(await outcomeOf(true)).toEqual(await outcomeOf(false));
    expect([...shapes]).toEqual(["1,6,6"]);
    await teacher.close();
  });

  test("features are of the teacher's inputs", async () => {
    const teacher = await randomTeacher(runtime);
    const features = await openFeatures(teacher, ["hidden1"], 16);
    const indices = Int32Array.of(3, 1, 3);
    const valuesOf = async (dataset: Dataset): Promise<readonly number[]> => {
      const into = new Float32Array(3 * 12);
      await features.reader(dataset, { seed: 0, augmentation: null })(indices, 0, [into]);
      return [...into];
    };
    const whole = await valuesOf(full.train);
    expect(new Set(whole).size).toBeGreaterThan(10);
    expect(await valuesOf(withTeacherInputs(poor.validation, full.validation))).not.toEqual(whole);
    expect(await valuesOf(data.train)).toEqual(whole);
    await features.close();
    await teacher.close();
  });

  test("a network that is too large for the student's inputs may be a teacher, and its layers hints", async () => {
    const network = { family: "cnn", channels: [4, 4], hidden: [8] } as const;
    const source = { kind: "train", teacher: { ...trained.teacher, network } } as const;
    const distillation = { features: [{ student: "hidden1", teacher: "hidden1" }] };
    const { value } = await finish(
      runDistillation(tinyRun(runtime, source, { data, distillation, arms: ["distilled"] })),
    );
    expect(value.teacher?.name).toContain("cnn");
    const small = finish(runDistillation(tinyRun(runtime, source, { data: poor, distillation })));
    expect((await failure(small)).code).toContain("shape/");
  });

  test("ensembles and specialists are of the teacher's inputs", async () => {
    const member = { ...trained.teacher, members: 2, weights: "validation" } as const;
    const { training } = trained.teacher;
    const sources: readonly TeacherSource[] = [
      { kind: "train", teacher: member },
      {
        kind: "specialists",
        generalist: trained,
        specialists: { count: 1, size: 2, training: { ...training, epochs: 1 }, softWeight: 0.5 },
      },
    ];
    for (const source of sources) {
      const options = tinyRun(runtime, source, { data, arms: ["distilled"] });
      const { value } = await finish(runDistillation(options));
      expect(value.manifest.teacherInputs?.hash).toBe(full.train.hash());
      expect(value.teacherTestLogits).toHaveLength(3 * full.test.length);
    }
  });

  test("the arm with the teacher's augmentation has none: it was of other inputs", async () => {
    const { network, training } = trained.teacher;
    const teacher = { network, training: { ...training, augmentation: { shift: 1 } } };
    const arms = ["distilled", "scratchAugmented"] as const;
    const options = tinyRun(runtime, { kind: "train", teacher }, { data, arms });
    const { value } = await finish(runDistillation(options));
    expect(value.arms[1]?.description).toBe(
      "Hard labels alone; the teacher used no augmentation that could be shared.",
    );
  });
});

test("the Distiller pairs a whole data set, or parts, and opens a teacher for its inputs", async () => {
  const all = stripes("all", 120);
  const paired = withTeacherInputs(await poorOf(all), all);
  const opened: Dataset[] = [];
  const distiller = new Distiller(
    {
      teacher: async (own, dataset) => {
        opened.push(dataset);
        return networkTeacher(own, randomModel([12], 7, 2));
      },
      student: { family: "mlp", hidden: [8] },
    },
    () => nodeRuntime({ worker: false }),
  );
  const options = { epochs: 1, seeds: [1] };
  const { result } = await distiller.fit(paired, options);
  expect(result.manifest.teacherInputs?.sample.shape).toEqual([1, 6, 6]);
  const { train } = splitDataset(all, { seed: 0, validation: 0.1, test: 0.2 });
  expect([opened[0]?.shape, opened[0]?.length]).toEqual([[1, 6, 6], train.length]);
  expect((await distiller.fit(data, options)).student.perSeed).toHaveLength(1);
});

test("equal samples of which the teacher saw different inputs have each its own soft labels", async () => {
  const own = subset(poor.train, [0, 1, 2, 0], "twice");
  const labels = Int32Array.from(own.labels);
  const inputs = subset(full.train, [0, 1, 2, 5], "inputs");
  const twice = withTeacherInputs(own, { ...inputs, labels: labels.map(() => -1) });
  const teacher = await randomTeacher(runtime);
  const store = memoryStore();
  await labelAll({ teacher, dataset: twice, store });
  const softLabels = await openSoftLabels(store);
  const logits = (row: number): number[] => [...softLabels.logits(row, 0, new Float32Array(3))];
  expect(softLabels.keys[3]).toBe(softLabels.keys[0]);
  expect(logits(3)).not.toEqual(logits(0));
  expect([...alignSoftLabels(softLabels, twice)]).toEqual([0, 1, 2, 3]);
  expect([...alignSoftLabels(softLabels, subset(own, [3, 1, 0], "some"))]).toEqual([0, 1, 3]);
  expect([...alignSoftLabels(softLabels, subset(own, [2, 1], "others"))]).toEqual([2, 1]);
  const found = await checkTeacherAgainstPackage({ teacher, dataset: twice, softLabels });
  expect(found.asked).toBe(4);
  const turned = subset(twice, [3, 1, 0, 2], "turned"); // whose row is whose the package cannot say
  const again = await checkTeacherAgainstPackage({ teacher, dataset: turned, softLabels });
  expect([again.asked, again.correctByPackage]).toEqual([4, again.correctByTeacher]);
  const swapped = subset(full.train, [0, 2, 1, 5], "inputs"); // of samples that are not equal
  const others = withTeacherInputs(own, { ...swapped, labels: inputs.labels.map(() => -1) });
  const wrong = checkTeacherAgainstPackage({ teacher, dataset: others, softLabels });
  expect((await failure(wrong)).code).toBe("package/teacher-differs");
  const part = async (): Promise<unknown> => alignSoftLabels(softLabels, subset(own, [0], "part"));
  const { code, message } = await failure(part());
  expect(code).toBe("package/ambiguous");
  expect(message).toBe(
    `soft labels of twice for part: the teacher saw its own input of each of 2 samples that are equal for the student (key ${own.key(0)}), so all or none of them must be there, got 1. Label this data set itself (potstill distill does it in one run), or remove equal samples before labelling (in code: withoutDuplicates).`,
  );
  await teacher.close();
});

describe("refused", () => {
  const refusal = (more: Partial<DistillOptions>) =>
    failure(finish(runDistillation(tinyRun(runtime, trained, { data, ...more }))));

  test("augmented views", async () => {
    const labels = { views: 2, augmentation: { shift: 1 } };
    const store = memoryStore();
    const { code, message } = await refusal({ labels, store });
    expect(await store.list()).toEqual([]); // before a teacher is trained
    expect(code).toBe("config/conflict");
    expect(message).toBe(
      "soft labels of train, poor: where the teacher sees other inputs than the student, samples are labelled as they are, got an augmentation of the views, with the teacher inputs train. Leave the augmentation and the number of views out of labels; the teacher's own training may have one.",
    );
  });

  test("an augmentation of the training, saying what can be done", async () => {
    const training = { ...tinyRun(runtime, trained).training, augmentation: { shift: 1 } };
    expect((await refusal({ training })).message).toContain(
      "got soft labels of the samples as they are. Leave it out of the training: where the teacher sees other inputs, samples are labelled as they are.",
    );
    expect((await refusal({ training, data: full })).message).toContain(
      "Give the labels this augmentation and a number of views, or leave it out of the training.",
    );
  });

  test("a part without teacher inputs", async () => {
    const { code, message } = await refusal({ data: { ...data, validation: poor.validation } });
    expect(code).toBe("data/pairs");
    expect(message).toContain(
      "validation samples must be with teacher inputs as the training samples are, got without",
    );
  });

  test("a teacher's own training data of the student's inputs", async () => {
    const source = { kind: "train", teacher: { ...trained.teacher, data: poor.train } } as const;
    const { code, message } = await refusal({ teacher: source });
    expect(code).toBe("data/shape");
    expect(message).toContain("the teacher's training samples must be uint8 [1, 6, 6]");
  });

  test("a teacher's own training data with teacher inputs where the run has none", async () => {
    const source = { kind: "train", teacher: { ...trained.teacher, data: data.train } } as const;
    const { code, message } = await refusal({ data: poor, teacher: source });
    expect(code).toBe("data/pairs");
    expect(message).toBe(
      "train, poor: training data may have teacher inputs only where train, poor has, of which the teacher is asked, got the teacher inputs train. Pair the run's parts too (withTeacherInputs), or give training data without teacher inputs.",
    );
  });

  test("a teacher's own training data of the student's inputs, alike in shape and dtype", async () => {
    const noisy = await mapped(async (part) => stripes(`${part.name}, noisy`, part.length));
    const inputs = (part: Dataset): Dataset => ({ ...part, labels: part.labels.map(() => -1) });
    const alike = {
      train: withTeacherInputs(noisy.train, inputs(full.train)),
      validation: withTeacherInputs(noisy.validation, inputs(full.validation)),
      test: withTeacherInputs(noisy.test, inputs(full.test)),
    };
    const source = (own: Dataset): TeacherSource => ({
      kind: "train",
      teacher: { ...trained.teacher, data: own },
    });
    const part = subset(noisy.train, [5, 6, 7], "few");
    for (const [own, count] of [
      [noisy.train, 70],
      [part, 3],
    ] as const) {
      const { code, message } = await refusal({ data: alike, teacher: source(own) });
      expect(code).toBe("data/pairs");
      expect(message).toBe(
        `${own.name}: a teacher is trained on what it sees, as the teacher inputs train, got ${count} samples that the student of train, noisy sees. Give such inputs, or pair this data set with them (withTeacherInputs).`,
      );
    }
    for (const own of [full.train, stripes("more", 30), subset(alike.train, [1, 2, 3], "pairs")]) {
      const run = runDistillation(tinyRun(runtime, source(own), { data: alike }));
      expect((await run.next()).done).toBe(false);
      await run.return(undefined as never);
    }
  });

  test("a package of other inputs than are paired with the data", async () => {
    const teacher = await randomTeacher(runtime);
    const other = subset(stripes("other", 70), [...full.train.labels.keys()], "other");
    const inputs = withTeacherInputs(poor.train, { ...other, labels: new Int32Array(70).fill(-1) });
    const anyInput = { ...teacher, logits: async () => new Float32Array(3 * 70) };
    for (const [dataset, got] of [
      [poor.train, "got the samples themselves."],
      [inputs, "got other, uint8 [1, 6, 6]."],
    ] as const) {
      const store = memoryStore();
      await labelAll({ teacher: anyInput, dataset, store, batchSize: 70 });
      const source = { kind: "softLabels", softLabels: await openSoftLabels(store) } as const;
      const { code, message } = await refusal({ teacher: source });
      expect(code).toBe("data/pairs");
      expect(message).toContain(
        "soft labels of train, poor: the teacher must have seen the teacher inputs train, uint8 [1, 6, 6], got",
      );
      expect(message).toContain(
        `${got} Give the data without teacher inputs: a package needs none.`,
      );
    }
    await teacher.close();
  });

  test("a teacher that was made for the student's inputs", async () => {
    const model = {
      ...randomModel([12], 7),
      sample: { dtype: "uint8", shape: [1, 3, 3] },
    } as const;
    const source = {
      kind: "specialists",
      generalist: { kind: "model", model },
      specialists: { count: 1, training: trained.teacher.training },
    } as const;
    const { code, message } = await refusal({ teacher: source });
    expect(code).toBe("teacher/input-shape");
    expect(message).toContain("the model takes uint8 [1, 3, 3], got uint8 [1, 6, 6] from train");
  });

  test("a package that was begun with other teacher inputs", async () => {
    const teacher = await randomTeacher(runtime);
    const store = memoryStore();
    await labelAll({ teacher, dataset: data.train, store });
    const other = subset(stripes("other", 70), [...full.train.labels.keys()], "train");
    const inputs = { ...other, labels: new Int32Array(70).fill(-1) };
    for (const [dataset, got] of [
      [withTeacherInputs(poor.train, inputs), `, was "${full.train.hash()}"`],
      [poor.train, "undefined, was {"],
    ] as const) {
      // a teacher of any samples: what differs is what it was asked about
      const asked = { ...teacher, logits: async () => new Float32Array(3 * dataset.length) };
      const { code, message } = await failure(
        finish(label({ teacher: asked, dataset, store, batchSize: 70 })),
      );
      expect(code).toBe("package/header-differs");
      expect(message).toContain("teacherInputs");
      expect(message).toContain(got);
    }
    await teacher.close();
  });
});

test("nothing of a package without pairs says that there could be some", async () => {
  const teacher = await randomTeacher(runtime);
  const store = memoryStore();
  await labelAll({ teacher, dataset: full.train, store });
  const { manifest } = await openSoftLabels(store);
  expect(Object.keys(manifest)).not.toContain("teacherInputs");
  expect(seenByTeacher(full.train)).toBe(full.train);
  await teacher.close();
});
