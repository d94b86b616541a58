/**
 * @file Recordings with still stretches: identical windows are split by recording, labelled, and
 * taught from a package in which their key stands several times.
 */

import { afterAll, beforeAll, expect, test } from "vitest";
import {
  alignSoftLabels,
  assertSoftLabelsMatch,
  memoryStore,
  openSoftLabels,
  splitDataset,
  type TimeSeries,
  windowedDataset,
} from "../../src/data/index.ts";
import {
  labelAll,
  networkOf,
  networkTeacher,
  packageJob,
  runJob,
} from "../../src/distill/index.ts";
import { finish } from "../../src/distill/small-problem.cases.ts";
import { checkTeacherAgainstPackage } from "../../src/distill/teacher-check.ts";
import { initialParameters } from "../../src/engine/nn/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

/** 100 steps of a wave; still from 40 to 79, within which the class changes. */
function recording(r: number): TimeSeries {
  const wave = (step: number): number => Math.sin(step * (1 + (r % 3)) * 0.3 + r * 0.77);
  const isStill = (step: number): boolean => step >= 40 && step < 80;
  return {
    name: `${r}.csv`,
    data: Float32Array.from({ length: 100 }, (_, step) => (isStill(step) ? r : wave(step))),
    label: Int32Array.from({ length: 100 }, (_, step) => (step < 60 ? r % 2 : 2)),
  };
}

test("split, labelled and taught", async () => {
  const classNames = ["slow", "fast", "end"];
  const cut = { name: "gait", channelCount: 1, window: 10, hop: 5, classNames };
  const all = windowedDataset([0, 1, 2, 3, 4, 5, 6, 7].map(recording), cut);
  const { train, validation } = splitDataset(all, { seed: 1, validation: 0.25 });
  const keys = Array.from({ length: train.length }, (_, index) => train.key(index));
  expect(keys.length - new Set(keys).size).toBe(6 * 6); // six recordings, seven still windows each

  const sample = { dtype: "float32", shape: [10, 1] } as const;
  const spec = { family: "mlp", hidden: [6] } as const;
  const about = { spec, sample, preprocessing: all.preprocessing, classNames };
  const weights = initialParameters(networkOf(about).parameters, 7);
  const teacher = await networkTeacher(runtime, { ...about, weights });
  const store = memoryStore();
  await labelAll({ teacher, dataset: train, store, precision: "float32", batchSize: 10 });
  const softLabels = await openSoftLabels(store);
  const rows = alignSoftLabels(softLabels, train);
  expect([...rows]).toEqual(keys.map((key) => keys.indexOf(key)));
  assertSoftLabelsMatch(softLabels, train, rows);
  await checkTeacherAgainstPackage({ teacher, dataset: train, softLabels });

  const job = packageJob({
    ...{ id: "student", softLabels, train, validation, student: spec, seed: 1 },
    training: { epochs: 2, batchSize: 16, learningRate: 0.01 },
  });
  const { value } = await finish(runJob(job, { runtime }));
  expect(value.history.length).toBe(2);
  expect(value.history.every(({ train: { soft } }) => Number.isFinite(soft))).toBe(true);
});
