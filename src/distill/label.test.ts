/** @file Labelling: bytes, order, resume, refusals. */

import { describe, expect, test } from "vitest";
import {
  augmentInto,
  keyWord,
  memoryStore,
  openSoftLabels,
  type Store,
  teacherAccuracy,
} from "../data/index.ts";
import { label, labelAll } from "./label.ts";
import { pieces } from "./label-batches.ts";
import { ensembleTeacher, functionTeacher, type Teacher } from "./teachers/index.ts";
import { insectData, pixelLogits, pixelTeacher } from "./teachers/teacher.cases.ts";

const dataset = insectData(41);
const image = (index: number): Uint8Array => {
  const into = new Uint8Array(16);
  void dataset.gather(Int32Array.of(index), into);
  return into;
};

async function bytesOf(store: Store): Promise<Record<string, string>> {
  const entries: [string, string][] = [];
  for (const name of await store.list())
    entries.push([name, Buffer.from((await store.read(name))!).toString("hex")]);
  return Object.fromEntries(entries);
}

const code = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "no error",
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );

describe("label", () => {
  test("stores the teacher's logits of every sample, keyed, with its accuracy", async () => {
    const store = memoryStore();
    const manifest = await labelAll({
      teacher: pixelTeacher(),
      dataset,
      store,
      precision: "float32",
    });
    expect(manifest).toMatchObject({
      sampleCount: 41,
      teacherHash: pixelTeacher().hash,
      dataHash: dataset.hash(),
      views: { count: 1, seed: 0, augmentation: null },
      withInputs: false,
      samplesPerShard: 16,
      createdBy: "potstill",
    });
    const labels = await openSoftLabels(store);
    const row = new Float32Array(3);
    for (let index = 0; index < 41; index++) {
      expect(labels.keys[index]).toBe(dataset.key(index));
      expect([...labels.logits(index, 0, row)]).toEqual(pixelLogits(image(index), 1));
    }
    expect(teacherAccuracy(labels).labelled).toBe(33);
  });

  test("tells how far it is", async () => {
    const events = [];
    for await (const event of label({ teacher: pixelTeacher(), dataset, store: memoryStore() }))
      events.push(event);
    expect(events.map(({ done, total }) => `${done}/${total}`)).toEqual(
      "0/41 8/41 16/41 24/41 32/41 40/41 41/41".split(" "),
    );
    expect(events[0]?.samplesPerSecond).toBe(0);
    expect(events[1]?.samplesPerSecond).toBeGreaterThan(0);
  });

  test("views are the augmenter's, and samples are stored as they are", async () => {
    const store = memoryStore();
    const views = { count: 2, seed: 5, augmentation: { shift: 1, flip: true } };
    await labelAll({
      teacher: ensembleTeacher([pixelTeacher(), pixelTeacher({ name: "b", weight: 2 })]),
      dataset,
      store,
      views,
      precision: "float32",
      withInputs: true,
    });
    const labels = await openSoftLabels(store);
    const row = new Float32Array(6); // [members, classes]
    const target = new Uint8Array(16);
    for (const index of [0, 17, 40])
      for (const view of [0, 1]) {
        const draw = { seed: 5, view, sample: keyWord(dataset.key(index)) };
        const form = { shape: dataset.shape, dtype: "uint8" as const };
        augmentInto(form, views.augmentation, draw, image(index), target);
        expect([...labels.logits(index, view, row)]).toEqual([
          ...pixelLogits(target, 1),
          ...pixelLogits(target, 2),
        ]);
      }
    expect(labels.asDataset().hash()).toBe(dataset.hash());
    const stored = new Uint8Array(16);
    await labels.asDataset().gather(Int32Array.of(17), stored);
    expect(stored).toEqual(image(17));
  });

  test("one member: the ensemble's package is the single teacher's, byte for byte", async () => {
    const [single, ensemble] = [memoryStore(), memoryStore()];
    await labelAll({ teacher: pixelTeacher(), dataset, store: single });
    await labelAll({ teacher: ensembleTeacher([pixelTeacher()]), dataset, store: ensemble });
    expect(await bytesOf(ensemble)).toEqual(await bytesOf(single));
  });

  test("answers that overtake each other are stored in the data's order", async () => {
    const waits = [30, 1, 20, 2, 10, 3];
    let question = 0;
    const slow = functionTeacher({
      name: "pixels",
      hash: pixelTeacher().hash,
      classCount: 3,
      batchSize: 4,
      concurrency: 3,
      samplesPerShard: 16,
      ask: async ({ samples }) => {
        await new Promise((resolve) => setTimeout(resolve, waits[question++ % waits.length]));
        const rows = Array.from({ length: samples.shape[0]! }, (_, i) =>
          pixelLogits(samples.data.subarray(i * 16, (i + 1) * 16), 1),
        );
        return { logits: rows };
      },
    });
    const [late, direct] = [memoryStore(), memoryStore()];
    await labelAll({ teacher: slow, dataset, store: late });
    await labelAll({ teacher: pixelTeacher(), dataset, store: direct });
    expect(await bytesOf(late)).toEqual(await bytesOf(direct));
  });

  test("the teacher is asked on while a shard is written, no more than a shard ahead", async () => {
    const asked: number[] = [];
    const teacher = pixelTeacher();
    const counting: Teacher = {
      ...teacher,
      logits: (batch) => {
        asked.push(batch.indices![0]!);
        return teacher.logits(batch);
      },
    };
    const store = memoryStore();
    let askedInWrite: number[] = [];
    const slow: Store = {
      ...store,
      write: async (name, bytes) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (name === "shards/00000.safetensors") askedInWrite = [...asked];
        return store.write(name, bytes);
      },
    };
    await labelAll({ teacher: counting, dataset, store: slow });
    expect(askedInWrite).toEqual([0, 0, 7, 8, 16, 24]); // twice and half of it to compare; 16 to 31 while 0 to 15 are written
  });

  test("goes on where it was stopped, to the same bytes", async () => {
    const [stopped, direct] = [memoryStore(), memoryStore()];
    const asked: number[] = [];
    const teacher = pixelTeacher();
    const counting: Teacher = {
      ...teacher,
      logits: (batch) => {
        asked.push(batch.indices![0]!);
        return teacher.logits(batch);
      },
    };
    const stop = new AbortController();
    const run = label({ teacher: counting, dataset, store: stopped, signal: stop.signal });
    for (let step = 0; step < 4; step++) await run.next(); // 0, 8, 16, 24
    stop.abort();
    expect(await code(run.next())).toBe("run/aborted");
    expect(await stopped.list()).toEqual(["progress.json", "shards/00000.safetensors"]);
    asked.length = 0;
    await labelAll({ teacher: counting, dataset, store: stopped });
    expect(asked).toEqual([16, 16, 23, 24, 32, 40]); // the first one twice and half of it, to compare
    await labelAll({ teacher, dataset, store: direct });
    expect(await bytesOf(stopped)).toEqual(await bytesOf(direct));
  });

  const plan = { batchSize: 6, batchesPerQuestion: 1, samplesPerShard: 10, concurrency: 3 };

  test("batches end where shards end, so that a resumed run asks the same batches", () => {
    const starts = (from: number) => [...pieces({ ...plan, from }, 25)].map((p) => [p.from, p.to]);
    expect(starts(0)).toEqual([
      [0, 6],
      [6, 10],
      [10, 16],
      [16, 20],
      [20, 25],
    ]);
    expect(starts(10)).toEqual(starts(0).slice(2));
  });

  test("questions hold several batches, fewer at the end; the first, asked twice, holds one", () => {
    const large = { ...plan, batchSize: 4, batchesPerQuestion: 4, samplesPerShard: 64 };
    const sizes = (from: number): number[] =>
      [...pieces({ ...large, from }, 128)].map((piece) => piece.to - piece.from);
    expect(sizes(0)).toEqual([4, 16, 16, 16, 12, 16, 16, 8, 8, 4, 4, 4, 4]);
    expect(sizes(64)).toEqual(sizes(0).slice(5));
  });

  test("a question's samples stay until it is answered, and their memory is used again", async () => {
    const teacher = pixelTeacher();
    const memory = new Set<ArrayBufferLike>();
    const late: Teacher = {
      ...teacher,
      workload: { ...teacher.workload, batchesPerQuestion: 2, concurrency: 3 },
      logits: async (batch) => {
        memory.add(batch.samples.data.buffer);
        await new Promise((resolve) => setTimeout(resolve, 5)); // the others are read meanwhile
        return teacher.logits(batch);
      },
    };
    const many = insectData(200);
    const [one, other] = [memoryStore(), memoryStore()];
    await labelAll({ teacher: late, dataset: many, store: one, samplesPerShard: 64 });
    await labelAll({ teacher, dataset: many, store: other, samplesPerShard: 64 });
    expect(await bytesOf(one)).toEqual(await bytesOf(other));
    expect(memory.size).toBe(4); // of the questions open at once, and of half of the first
  });
});

describe("the teacher is compared with itself", () => {
  /** A teacher that notes the first sample of each question, and waits. */
  function noting(asked: string[], concurrency: number): Teacher {
    const teacher = pixelTeacher();
    return {
      ...teacher,
      workload: { ...teacher.workload, concurrency },
      logits: async (batch) => {
        const name = `${batch.indices![0]!}`;
        asked.push(`${name}?`);
        await new Promise((resolve) => setTimeout(resolve, 2));
        asked.push(`${name}!`);
        return teacher.logits(batch);
      },
    };
  }

  test("others are asked when it has been asked again, not before", async () => {
    const asked: string[] = [];
    const teacher = noting(asked, 2);
    await labelAll({ teacher, dataset: insectData(24), store: memoryStore() });
    expect(asked.slice(0, 4)).toEqual(["0?", "0!", "0?", "8?"]);
  });

  test("before the first event, also where nothing is left to label", async () => {
    const store = memoryStore();
    await labelAll({ teacher: pixelTeacher(), dataset, store });
    const asked: string[] = [];
    const events = label({ teacher: noting(asked, 1), dataset, store });
    expect((await events.next()).value).toMatchObject({ done: 41, total: 41 });
    expect(asked).toEqual(["0?", "0!", "0?", "0!", "7?", "7!"]);
    const random = { ...pixelTeacher(), logits: async () => Float32Array.of(Math.random()) };
    expect(await code(label({ teacher: random, dataset, store }).next())).toBe(
      "teacher/not-deterministic",
    );
    const memory = new Float32Array(8 * 3); // of all answers
    const changing = { ...pixelTeacher(), logits: async () => memory.fill(Math.random()) };
    expect(await code(label({ teacher: changing, dataset, store: memoryStore() }).next())).toBe(
      "teacher/not-deterministic",
    );
  });

  test("a teacher may answer in memory of its own, in one question more samples than there are", async () => {
    const teacher = pixelTeacher();
    const memory = new Float32Array(41 * 3);
    const reusing: Teacher = {
      ...teacher,
      logits: async (batch) => {
        const answer = await teacher.logits(batch);
        memory.set(answer);
        return memory.subarray(0, answer.length);
      },
    };
    const views = { count: 2, seed: 5, augmentation: { shift: 1 } };
    const [one, other] = [memoryStore(), memoryStore()];
    await labelAll({ teacher: reusing, dataset, views, store: one, batchSize: 2 ** 52 });
    await labelAll({ teacher, dataset, views, store: other });
    expect(await bytesOf(one)).toEqual(await bytesOf(other));
  });
});

describe("label refuses", () => {
  const refusal = async (options: Partial<Parameters<typeof label>[0]>): Promise<string> => {
    const store = memoryStore();
    const found = await code(labelAll({ teacher: pixelTeacher(), dataset, store, ...options }));
    return `${found}, ${(await store.list()).length} files`;
  };

  test("teachers of other classes", async () => {
    const classNames = ["ant", "cat", "bee"];
    expect(await refusal({ teacher: pixelTeacher({ classNames }) })).toBe(
      "teacher/class-mismatch, 0 files",
    );
    const teacher = { ...pixelTeacher({ classNames: null }), classCount: 4 };
    expect(await refusal({ teacher })).toBe("teacher/class-mismatch, 0 files");
  });

  test("a teacher whose answers differ (dropout)", async () => {
    let calls = 0;
    const dropout: Teacher = {
      ...pixelTeacher(),
      logits: async ({ keys }) => new Float32Array(keys.length * 3).fill(++calls),
    };
    expect(await refusal({ teacher: dropout })).toBe("teacher/not-deterministic, 0 files");
    await expect(labelAll({ teacher: dropout, dataset, store: memoryStore() })).rejects.toThrow(
      /sample 0: the same batch asked twice .* got 3 and 4 for class 0\. Is the model in training mode/,
    );
  });

  test("a teacher whose answer depends on the batch (training mode), but not on its last bits", async () => {
    const teacher = pixelTeacher();
    const depending = (share: number): Teacher => ({
      ...teacher,
      logits: async (batch) => {
        const logits = await teacher.logits(batch);
        const rows = batch.keys.length;
        const means = [0, 1, 2].map(
          (k) => logits.reduce((sum, z, at) => sum + (at % 3 === k ? z : 0), 0) / rows,
        );
        return logits.map((z, at) => z - share * means[at % 3]!);
      },
    });
    const store = memoryStore();
    expect(await refusal({ teacher: depending(0.1) })).toBe("teacher/batch-dependent, 0 files");
    await expect(labelAll({ teacher: depending(0.1), dataset, store })).rejects.toThrow(
      /teacher "pixels", sample 7: a sample must get the same logits in any batch, got \S+ in a batch of 8 and \S+ in one of 4 for class 0, a difference of \S+\. Export the model for inference \(.*batchSize: 1\)\.$/,
    );
    await labelAll({ teacher: depending(1e-5), dataset, store: memoryStore() });
    const workload = { ...teacher.workload, isRepeatable: false };
    await labelAll({ teacher: { ...depending(0.1), workload }, dataset, store: memoryStore() });
    await labelAll({ teacher, dataset, store });
    const done = { teacher: depending(0.1), dataset, store };
    expect(await code(labelAll(done))).toBe("teacher/batch-dependent");
  });

  test("a teacher whose weights change while it labels", async () => {
    const teacher = pixelTeacher();
    let asked = 0;
    const changing: Teacher = {
      ...teacher,
      logits: (batch) => {
        asked += 1;
        return teacher.logits(batch);
      },
      currentHash: () => (asked > 4 ? "0".repeat(64) : teacher.hash),
    };
    const store = memoryStore();
    expect(await code(labelAll({ teacher: changing, dataset, store }))).toBe("teacher/changed");
    expect(await store.list()).not.toContain("manifest.json");
  });

  test("several equal views, wrong counts", async () => {
    const views = { count: 2, seed: 0, augmentation: null };
    expect(await refusal({ views })).toBe("config/conflict, 0 files");
    expect(await refusal({ batchSize: 0 })).toBe("config/range, 0 files");
  });

  test("an answer of the wrong size", async () => {
    const short: Teacher = { ...pixelTeacher(), logits: async () => new Float32Array(3) };
    expect(await code(labelAll({ teacher: short, dataset, store: memoryStore() }))).toBe(
      "teacher/answer",
    );
  });
});
