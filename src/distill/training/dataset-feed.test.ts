/** @file A feed's rows are a function of the step: samples, views, seeds, whatever the cut. */

import { describe, expect, test } from "vitest";
import { arrayDataset, augmentInto, keyWord, makeBatches } from "../../data/index.ts";
import { randomStream } from "../../engine/tensor/index.ts";
import { assembleSlabs, slabAssembler } from "../../engine/train/index.ts";
import { datasetFeed, scalarsPart } from "./dataset-feed.ts";

const stream = randomStream("feed");
const dataset = arrayDataset({
  name: "noise",
  dtype: "uint8",
  shape: [1, 4, 4],
  data: Uint8Array.from({ length: 10 * 16 }, () => stream.integer(256)),
  labels: new Int32Array(10),
  classNames: ["a", "b"],
});
const batches = makeBatches({ length: 10, batchSize: 4, seed: 3 }); // three steps an epoch
const plain = { dataset, batchSize: 4, epochs: 5, seed: 3, parts: [] };
const augmentation = { shift: 1, flip: true };

function image(index: number): Uint8Array {
  const pixels = new Uint8Array(16);
  void dataset.gather(Int32Array.of(index), pixels); // in memory: done when it returns
  return pixels;
}

function view(index: number, number: number): Uint8Array {
  const target = new Uint8Array(16);
  const draw = { seed: 9, view: number, sample: keyWord(dataset.key(index)) };
  augmentInto({ dtype: "uint8", shape: [1, 4, 4] }, augmentation, draw, image(index), target);
  return target;
}

test("samples are the batch's, in its order, padding included", async () => {
  const { samples } = await assembleSlabs(datasetFeed(plain), 0, 6);
  expect(samples!.shape).toEqual([6, 4, 1, 4, 4]);
  for (let step = 0; step < 6; step++)
    for (const [slot, index] of batches.at(step).indices.entries())
      expect(samples!.data.slice((step * 4 + slot) * 16, (step * 4 + slot + 1) * 16)).toEqual(
        image(index),
      );
});

test.each([
  [3, (epoch: number) => epoch % 3],
  [undefined, (epoch: number) => epoch],
])("with %s views epoch e sees its own", async (count, viewOf) => {
  const feed = datasetFeed({ ...plain, views: { augmentation, seed: 9, count } });
  const { samples } = await assembleSlabs(feed, 0, 15);
  for (let step = 0; step < 15; step++)
    for (const [slot, index] of batches.at(step).indices.entries())
      expect(samples!.data.slice((step * 4 + slot) * 16, (step * 4 + slot + 1) * 16)).toEqual(
        view(index, viewOf(Math.floor(step / 3))),
      );
});

describe("any cut gives the same rows", () => {
  const feed = datasetFeed({
    ...plain,
    views: { augmentation, seed: 9, count: 2 },
    parts: [scalarsPart({ share: ({ step, totalSteps }) => step / totalSteps })],
  });

  test.each([1, 2, 4, 7])("pieces of %i", async (size) => {
    const whole = await assembleSlabs(feed, 0, 15);
    for (let from = 14 - (14 % size); from >= 0; from -= size) {
      const piece = await assembleSlabs(feed, from, Math.min(size, 15 - from)); // last first: nothing is remembered
      for (const [name, { data, shape }] of Object.entries(piece)) {
        const row = data.length / shape[0]!;
        expect(data).toEqual(whole[name]!.data.slice(from * row, from * row + data.length));
      }
    }
  });

  test("dropout seeds differ from step to step, scalars follow the run", async () => {
    const { seed, share } = await assembleSlabs(feed, 0, 15);
    expect(new Set(Array.from(seed!.data, Number)).size).toBe(15);
    expect([...share!.data].map((value) => Math.round(Number(value) * 15))).toEqual([
      ...Array(15).keys(),
    ]);
  });
});

test("names a step's samples, padding left out", () => {
  const feed = datasetFeed(plain);
  const { indices } = batches.at(2);
  expect(feed.samplesOf(2)).toEqual({
    indices: [...indices.subarray(0, 2)], // 10 = 4 + 4 + 2
    keys: [...indices.subarray(0, 2)].map((index) => dataset.key(index)),
  });
});

test("slabs made in turn are those made anew, last until the call after the next, and are used again", async () => {
  const feed = datasetFeed({ ...plain, views: { augmentation, seed: 9 } });
  const assemble = slabAssembler(feed);
  const cuts = [4, 4, 4, 3, 4, 4, 4].map((count, at, all) => {
    const from = all.slice(0, at).reduce((sum, each) => sum + each, 0) % 12;
    return { from, count };
  });
  const pixels: unknown[] = [];
  let before: { readonly given: unknown; readonly anew: unknown } | undefined;
  for (const { from, count } of cuts) {
    const given = await assemble(from, count);
    const anew = await assembleSlabs(feed, from, count);
    expect(given).toEqual(anew);
    if (before !== undefined) expect(before.given).toEqual(before.anew);
    before = { given, anew };
    pixels.push(given.samples!.data);
  }
  expect(pixels[2]).toBe(pixels[0]);
  expect(pixels[4]).toBe(pixels[2]);
  expect(new Set(pixels).size).toBe(4); // two, the short one, and one in its place
});
