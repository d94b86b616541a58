/**
 * @file The teacher is as right by the package as it was when asked; faults of order are caught.
 */

import { describe, expect, test } from "vitest";
import { randomStream } from "../../engine/tensor/index.ts";
import { arrayDataset, subset } from "../array-dataset.ts";
import type { Dataset } from "../dataset.ts";
import { memoryStore } from "../memory-store.ts";
import { recordedAccuracy, teacherAccuracy } from "./accuracy.ts";
import { alignSoftLabels } from "./align.ts";
import type { SoftLabelHeader, SoftLabelPrecision } from "./manifest.ts";
import { assertSoftLabelsMatch } from "./match.ts";
import { sampleData } from "./package.cases.ts";
import { openSoftLabels, type SoftLabels } from "./reader.ts";
import { openSoftLabelWriter } from "./writer.ts";

const samples = 300;

/**
 * Labels that the logits' largest class has right about nine times in ten; every fourth sample is
 * unlabelled.
 */
function taught(logits: Float32Array): Dataset {
  const luck = randomStream("luck");
  const stream = randomStream("inputs");
  const best = (i: number): number => {
    const row = [...logits.subarray(i * 3, i * 3 + 3)];
    return row.indexOf(Math.max(...row));
  };
  return arrayDataset({
    name: "insects",
    dtype: "uint8",
    shape: [2, 3],
    data: Uint8Array.from({ length: samples * 6 }, () => stream.integer(256)),
    labels: Array.from({ length: samples }, (_, i) => {
      if (i % 4 === 3) return -1;
      return luck.uniform() < 0.9 ? best(i) : luck.integer(3);
    }),
    classNames: ["ant", "bee", "cat"],
  });
}

interface Made {
  readonly softLabels: SoftLabels;
  readonly dataset: Dataset;
  readonly hits: number;
  readonly labelled: number;
}

async function make(
  precision: SoftLabelPrecision,
  logits = sampleData({ samples }).logits,
): Promise<Made> {
  const dataset = taught(logits);
  const header: SoftLabelHeader = {
    ...sampleData({ samples }).header,
    precision,
    dataHash: dataset.hash(),
    sampleCount: samples,
  };
  const store = memoryStore();
  const writer = await openSoftLabelWriter(store, header, { samplesPerShard: 100 });
  for (let from = 0; from < samples; from += 7) {
    const to = Math.min(from + 7, samples);
    await writer.add({
      keys: Array.from({ length: to - from }, (_, i) => dataset.key(from + i)),
      labels: dataset.labels.subarray(from, to),
      logits: logits.subarray(from * 3, to * 3),
    });
  }
  await writer.close();
  let [hits, labelled] = [0, 0];
  for (let i = 0; i < samples; i++) {
    if (dataset.labels[i] === -1) continue;
    const row = [...logits.subarray(i * 3, i * 3 + 3)];
    labelled += 1;
    if (row.indexOf(Math.max(...row)) === dataset.labels[i]) hits += 1;
  }
  return { softLabels: await openSoftLabels(store), dataset, hits, labelled };
}

describe.each(["float32", "float16", "int8"] as const)("%s", (precision) => {
  test("the manifest records what the unrounded logits had right", async () => {
    const { softLabels, dataset, hits, labelled } = await make(precision);
    expect(recordedAccuracy(softLabels.manifest)).toEqual({
      correct: hits,
      labelled,
      accuracy: hits / labelled,
    });
    const match = assertSoftLabelsMatch(softLabels, dataset, alignSoftLabels(softLabels, dataset));
    expect(match).toMatchObject({ labelled: 225, recorded: hits });
    expect(Math.abs(match.correct - hits)).toBeLessThanOrEqual(match.nearTies);
    if (precision === "float32") expect(match).toMatchObject({ correct: hits, nearTies: 0 });
  });

  test("soft labels one sample out of step are refused, naming the shard", async () => {
    const { softLabels, dataset } = await make(precision);
    const rows = alignSoftLabels(softLabels, dataset).map((row) => (row + 1) % samples);
    expect(() => assertSoftLabelsMatch(softLabels, dataset, rows)).toThrow(
      /soft labels of insects, shards\/00000\.safetensors: the teacher had \d+ of 75 labelled samples right/,
    );
  });
});

test("rounding that turns near ties is allowed, and counted", async () => {
  // 1000.1 and 1000.2 are one float16 number, so the first class wins
  const logits = new Float32Array(samples * 3);
  for (let i = 0; i < samples; i++) logits.set(i % 2 ? [1000.1, 1000.2, 0] : [5, 0, 0], i * 3);
  const { softLabels, dataset } = await make("float16", logits);
  const match = assertSoftLabelsMatch(softLabels, dataset, alignSoftLabels(softLabels, dataset));
  expect(match.correct).toBeLessThan(match.recorded);
  expect(match.nearTies).toBe(75);
  expect(teacherAccuracy(softLabels).correct).toBe(match.correct);
});

test("a part of the data is compared by the package's own labels", async () => {
  const { softLabels, dataset, hits } = await make("float32");
  const part = subset(dataset, [5, 3, 100], "part");
  const match = assertSoftLabelsMatch(softLabels, part, alignSoftLabels(softLabels, part));
  expect(match).toMatchObject({ labelled: 225, correct: hits });
});

test("of equal samples that the teacher answered differently, each is judged by its own answer", async () => {
  const { header } = sampleData({ samples: 3 });
  const dataset = arrayDataset({
    name: "still",
    dtype: "uint8",
    shape: [2, 3],
    data: new Uint8Array(18),
    labels: [0, 1, 2],
    classNames: header.classNames,
  });
  const own = { precision: "float32" as const, dataHash: dataset.hash(), sampleCount: 3 };
  const store = memoryStore();
  const writer = await openSoftLabelWriter(store, { ...header, ...own });
  const logits = Float32Array.of(5, 0, 0, 0, 5, 0, 0, 0, 5);
  await writer.add({ keys: [0, 1, 2].map(dataset.key), labels: dataset.labels, logits });
  await writer.close();
  const softLabels = await openSoftLabels(store);
  const rows = alignSoftLabels(softLabels, dataset);
  expect([...rows]).toEqual([0, 0, 0]);
  const match = assertSoftLabelsMatch(softLabels, dataset, rows);
  expect(match).toEqual({ labelled: 3, recorded: 3, correct: 3, nearTies: 0 });
});

test("an interrupted package keeps the counts of its finished shards", async () => {
  const whole = await make("float16");
  const { logits } = sampleData({ samples });
  const { dataset } = whole;
  const store = memoryStore();
  const header: SoftLabelHeader = {
    ...sampleData({ samples }).header,
    dataHash: dataset.hash(),
  };
  const upTo = async (end: number): Promise<void> => {
    const writer = await openSoftLabelWriter(store, header, { samplesPerShard: 100 });
    for (let i = writer.done; i < end; i++)
      await writer.add({
        keys: [dataset.key(i)],
        labels: dataset.labels.subarray(i, i + 1),
        logits: logits.subarray(i * 3, i * 3 + 3),
      });
    if (end === samples) await writer.close();
  };
  await upTo(150);
  await upTo(samples);
  expect((await openSoftLabels(store)).manifest).toEqual(whole.softLabels.manifest);
});
