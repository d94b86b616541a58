/**
 * @file A small problem that trains in milliseconds, for the tests of training and of distillation.
 */

import { bytesToHex } from "@noble/hashes/utils.js";
import {
  arrayDataset,
  type Dataset,
  memoryStore,
  openSoftLabels,
  type Store,
} from "../data/index.ts";
import { initialParameters } from "../engine/nn/index.ts";
import type { Feeds, Runtime } from "../engine/runtime/index.ts";
import { randomStream } from "../engine/tensor/index.ts";
import { isDistillError } from "../errors/index.ts";
import type { DistillEvent } from "./events.ts";
import type { Job, JobResult } from "./job.ts";
import type { JobPlace } from "./job-files.ts";
import { type LabelOptions, labelAll } from "./label.ts";
import type { DistillOptions } from "./options.ts";
import { type PackageJobOptions, packageJob } from "./package-job.ts";
import type { Teacher } from "./teachers/index.ts";
import { networkTeacher } from "./teachers/network-teacher.ts";
import { type Model, networkOf, writeModel } from "./training/model-file.ts";

export const classNames: readonly string[] = ["left", "middle", "right"];

/** uint8 images [1, 6, 6]: two columns of the class's place are brighter, under noise. */
export function stripes(name: string, samples: number, unlabelledEvery = 0): Dataset {
  const stream = randomStream(name);
  const labels = Int32Array.from({ length: samples }, () => stream.integer(3));
  const data = Uint8Array.from({ length: samples * 36 }, (_, at) => {
    const column = Math.floor((at % 6) / 2);
    const bright = column === labels[Math.floor(at / 36)] ? 60 : 0;
    return bright + stream.integer(190);
  });
  const isHidden = (index: number): boolean =>
    unlabelledEvery > 0 && index % unlabelledEvery === unlabelledEvery - 1;
  const shown = labels.map((label, index) => (isHidden(index) ? -1 : label));
  return arrayDataset({ name, dtype: "uint8", shape: [1, 6, 6], data, labels: shown, classNames });
}

export const data: DistillOptions["data"] = {
  train: stripes("train", 70),
  validation: stripes("validation", 40),
  test: stripes("test", 40),
};

/** A network of random weights, for tests that look at bytes alone. */
export function randomModel(
  hidden: readonly number[],
  seed: number,
  scale = 1,
  names: readonly string[] = classNames,
): Model {
  const about = {
    spec: { family: "mlp", hidden },
    sample: { dtype: "uint8", shape: [1, 6, 6] },
    preprocessing: { scale: 1 / 255, offset: 0 },
    classNames: names,
  } as const;
  const weights = initialParameters(networkOf(about).parameters, seed);
  for (const { data: values } of weights.values())
    if (values instanceof Float32Array)
      for (const [at, value] of values.entries()) values[at] = scale * value;
  return { ...about, weights };
}

export async function randomTeacher(runtime: Runtime, seed = 7): Promise<Teacher> {
  return networkTeacher(runtime, randomModel([12], seed, 2));
}

/** A runtime that shows what its sessions are fed. */
export function watchedRuntime(runtime: Runtime, watch: (feeds: Feeds) => void): Runtime {
  return {
    ...runtime,
    load: async (model, options) => {
      const session = await runtime.load(model, options);
      const run: typeof session.run = (feeds, ...more) => {
        watch(feeds);
        return session.run(feeds, ...more);
      };
      return { ...session, run };
    },
  };
}

/** Options of a whole run, short enough for a test. */
export function tinyRun(
  runtime: Runtime,
  teacher: DistillOptions["teacher"],
  more: Partial<DistillOptions> = {},
): DistillOptions {
  return {
    runtime,
    data,
    teacher,
    student: { family: "mlp", hidden: [8] },
    training: { epochs: 3, batchSize: 16, learningRate: 0.01 },
    seeds: [1],
    arms: ["distilled", "scratch"],
    createdBy: "test",
    ...more,
  };
}

/** A distillation job from a package in memory. */
export async function tinyJob(
  teacher: Teacher,
  more: Partial<PackageJobOptions> = {},
  labels: Partial<LabelOptions> = {},
): Promise<Job> {
  const store = memoryStore();
  const train = more.train ?? data.train;
  await labelAll({ teacher, dataset: train, store, ...labels });
  return packageJob({
    id: "student",
    softLabels: await openSoftLabels(store),
    train,
    validation: data.validation,
    student: { family: "mlp", hidden: [8] },
    training: { epochs: 3, batchSize: 16, learningRate: 0.01 },
    seed: 1,
    ...more,
  });
}

/** A job's place that has a store for itself. */
export function placeIn(store: Store): JobPlace {
  return { result: store, work: store };
}

/** Runs a generator to its end. */
export async function finish<E, T>(
  run: AsyncGenerator<E, T>,
): Promise<{ readonly events: readonly E[]; readonly value: T }> {
  const events: E[] = [];
  for (;;) {
    const next = await run.next();
    if (next.done === true) return { events, value: next.value };
    events.push(next.value);
  }
}

/** @returns the error that a promise ends with; fails where there is none */
export async function failure(work: Promise<unknown>): Promise<{
  readonly code: string;
  readonly message: string;
  readonly details: Record<string, unknown>;
}> {
  try {
    await work;
  } catch (error) {
    if (!isDistillError(error)) throw error;
    return { code: error.code, message: error.message, details: { ...error.details } };
  }
  throw new Error("it went through");
}

/** @returns code and message of the error that a promise ends with */
export async function refusal(work: Promise<unknown>): Promise<string> {
  const { code, message } = await failure(work);
  return `${code}: ${message}`;
}

/** What must be equal of two runs of a job: everything but the time that it took. */
export function outcome({ model, history, bestEpoch, validationAccuracy }: JobResult): unknown {
  const timeless = history.map(({ seconds: _, ...record }) => record);
  const bytes = bytesToHex(writeModel(model));
  return { bytes, history: timeless, bestEpoch, validationAccuracy };
}

/**
 * What a run has left in its store, but for what a clock has said. Files have the names of their
 * tasks: "teacher/model.safetensors", with what is left of unfinished ones under "work/".
 */
export async function contentsOf(store: Store): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of await store.list()) {
    if (/(^|\/)(timing|labelling|latency)\.json$/.test(name)) continue;
    const bytes = (await store.read(name))!; // listed
    const text = new TextDecoder("latin1").decode(bytes);
    files[name] = name.endsWith("/entry.json") ? withoutClocks(text) : text;
  }
  return files;
}

function withoutClocks(entry: string): string {
  const clock = /\{"bytes":\d+,"name":"(timing|labelling|latency)\.json","sha256":"\w+"\},?/g;
  return entry.replace(clock, "");
}

/** @returns the checks of a run by id */
export function checksOf(events: readonly DistillEvent[]): Record<string, boolean> {
  return Object.fromEntries(
    events.flatMap((event) =>
      event.type === "check" ? [[event.check.id, event.check.passed]] : [],
    ),
  );
}
