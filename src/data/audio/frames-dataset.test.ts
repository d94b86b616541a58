/** @file Frames as samples: which frames each sample holds, labels, groups, keys. */

import { describe, expect, it } from "vitest";
import { arrayDataset } from "../array-dataset.ts";
import { UNLABELLED } from "../dataset.ts";
import { splitDataset } from "../split.ts";
import { framesDataset } from "./frames-dataset.ts";

/** Two recordings of three and two frames of two features: 10, 11 | 20, 21 | … */
const recordings = [
  { features: Float32Array.of(10, 11, 20, 21, 30, 31), labels: [0, 1, 1], group: "ann" },
  { features: Float32Array.of(40, 41, 50, 51), group: "bob" },
];
const options = { name: "frames", recordings, features: 2, classNames: ["a", "b"] };
const dataset = framesDataset({ ...options, context: { before: 2, after: 1 } });

async function sampleOf(index: number): Promise<number[]> {
  const into = new Float32Array(8);
  await dataset.gather(Int32Array.of(index), into);
  return [...into];
}

describe("framesDataset", () => {
  it("gives each frame with those around it, ends repeated, recordings apart", async () => {
    expect(dataset.shape).toEqual([1, 4, 2]);
    expect(await Promise.all([0, 1, 2, 3, 4].map(sampleOf))).toEqual([
      [10, 11, 10, 11, 10, 11, 20, 21],
      [10, 11, 10, 11, 20, 21, 30, 31],
      [10, 11, 20, 21, 30, 31, 30, 31],
      [40, 41, 40, 41, 40, 41, 50, 51],
      [40, 41, 40, 41, 50, 51, 50, 51],
    ]);
  });

  it("keeps labels and groups frame by frame", () => {
    expect([...dataset.labels]).toEqual([0, 1, 1, UNLABELLED, UNLABELLED]);
    expect(dataset.groups).toEqual(["ann", "ann", "ann", "bob", "bob"]);
  });

  it("is split by group, for neighbours share their frames; by sample is refused", () => {
    const spoken = Array.from({ length: 9 }, (_, r) => ({
      features: Float32Array.from({ length: 20 }, (_, i) => 100 * r + i),
      group: `speaker ${r % 6}`,
    }));
    const context = { before: 2, after: 1 };
    const frames = framesDataset({ ...options, recordings: spoken, context });
    const { train, validation, test } = splitDataset(frames, {
      seed: 1,
      validation: 0.2,
      test: 0.2,
    });
    const sides = [train, validation, test!].map(({ groups }) => new Set(groups));
    expect(sides.map(({ size }) => size).reduce((a, b) => a + b)).toBe(6);
    expect(() => splitDataset(frames, { seed: 1, validation: 0.2, by: "sample" })).toThrow(
      expect.objectContaining({ code: "config/conflict" }),
    );
  });

  it("has the keys and the hash of the same samples held one by one", async () => {
    const samples = await Promise.all([0, 1, 2, 3, 4].map(sampleOf));
    const data = Float32Array.from(samples.flat());
    const { labels, classNames } = dataset;
    const plain = arrayDataset({
      name: "plain",
      dtype: "float32",
      shape: [1, 4, 2],
      data,
      labels,
      classNames,
    });
    expect([0, 4].map(dataset.key)).toEqual([0, 4].map(plain.key));
    expect(dataset.hash()).toBe(plain.hash());
  });

  it.each([
    [
      "a part of a frame",
      { features: 4 },
      "frames: a recording must hold whole frames, at least one, and context must be whole frames, got 6 numbers for frames of 4 in recording 0; context 0 and 0. Give float32 [frames, features], and how many features there are.",
    ],
    [
      "too few labels",
      { recordings: [{ ...recordings[0]!, labels: [0] }] },
      "frames: there must be one label for each frame, got 3 frames and 1 labels in recording 0. Label each frame.",
    ],
  ])("refuses %s", (_, more, message) => {
    expect(() =>
      framesDataset({ ...options, context: { before: 0, after: 0 }, ...more }),
    ).toThrowError(message);
  });
});
