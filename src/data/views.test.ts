import { describe, expect, test } from "vitest";
import { mixKey, permutation } from "../engine/tensor/index.ts";
import { arrayDataset, subset } from "./array-dataset.ts";
import { makeAugmenter } from "./augment.ts";
import { keyWord } from "./content-hash.ts";
import type { Dataset } from "./dataset.ts";
import { makeMixer, symmetricBeta } from "./mixup.ts";
import { makeViews } from "./views.ts";

const length = 40;
const images = arrayDataset({
  name: "made",
  dtype: "uint8",
  shape: [1, 4, 4],
  data: Uint8Array.from({ length: 16 * length }, (_, at) => mixKey(3, at) & 255),
  labels: new Int32Array(length),
  classNames: ["a"],
});
const vectors = arrayDataset({
  name: "made",
  dtype: "float32",
  shape: [3],
  data: Float32Array.from({ length: 3 * length }, (_, at) => mixKey(4, at) / 2 ** 31 - 1),
  labels: new Int32Array(length),
  classNames: ["a"],
});
const mixup = { alpha: 0.4 };

async function viewOf(dataset: Dataset, index: number, augmentation: object): Promise<number[]> {
  const size = dataset.shape.reduce((a, b) => a * b, 1);
  const into = dataset.dtype === "uint8" ? new Uint8Array(size) : new Float32Array(size);
  await makeViews(dataset, { augmentation, seed: 7 }).read(Int32Array.of(index), 2, into);
  return Array.from(into);
}

describe("shares", () => {
  /** Distribution functions of Beta(α, α) that have a closed form. */
  const closed: readonly (readonly [number, (x: number) => number])[] = [
    [0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
    [1, (x) => x],
    [2, (x) => 3 * x ** 2 - 2 * x ** 3],
  ];
  test.each(closed)("Beta(%d): Kolmogorov–Smirnov against the exact distribution", (alpha, cdf) => {
    const draws = Array.from({ length: 4000 }, (_, at) => symmetricBeta(alpha, mixKey(1, at)));
    draws.sort((a, b) => a - b);
    const largest = draws.reduce(
      (most, x, at) => Math.max(most, Math.abs(cdf(x) - (at + 0.5) / draws.length)),
      0,
    );
    expect(largest).toBeLessThan(1.63 / Math.sqrt(draws.length)); // 1 % of fair samples exceed it
  });

  test.each([0.01, 0.1, 0.4, 8, 1000])("Beta(%d): mean ½, variance 1 / (8 α + 4)", (alpha) => {
    const draws = Array.from({ length: 20_000 }, (_, at) => symmetricBeta(alpha, mixKey(2, at)));
    const mean = draws.reduce((a, b) => a + b, 0) / draws.length;
    const variance = draws.reduce((sum, x) => sum + (x - 0.5) ** 2, 0) / draws.length;
    const expected = 1 / (8 * alpha + 4);
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(expected / draws.length));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(0.05);
    expect(draws.every((x) => x >= 0 && x <= 1 && Number.isInteger(4096 * x))).toBe(true);
  });
});

describe("mixing", () => {
  test("is λ x + (1 − λ) x' of the same view of both, rounded where it is stored in integers", async () => {
    const spatial = { shift: 1, flip: true };
    const mixOf = makeMixer(images, { mixup, seed: 7 });
    for (const index of [0, 5, 39]) {
      const { partner, lambda } = mixOf(index, 2);
      const [a, b] = [await viewOf(images, index, spatial), await viewOf(images, partner, spatial)];
      const expected = a.map((x, at) => Math.round(lambda * x + (1 - lambda) * b[at]!));
      expect(await viewOf(images, index, { ...spatial, mixup })).toEqual(expected);
    }
    const { partner, lambda } = makeMixer(vectors, { mixup, seed: 7 })(4, 2);
    const [a, b] = [await viewOf(vectors, 4, {}), await viewOf(vectors, partner, {})];
    const expected = a.map((x, at) => Math.fround(lambda * x + (1 - lambda) * b[at]!));
    expect(await viewOf(vectors, 4, { mixup })).toEqual(expected);
  });

  test("without mixup a view is what the augmenter makes, byte for byte", async () => {
    const source = new Uint8Array(16);
    const target = new Uint8Array(16);
    await images.gather(Int32Array.of(9), source);
    const samples = Uint32Array.of(keyWord(images.key(9)));
    makeAugmenter(images, { shift: 1 }, 7)({ view: 2, samples, source, target });
    expect(await viewOf(images, 9, { shift: 1 })).toEqual([...target]);
    expect(await viewOf(images, 9, { mixup: undefined })).toEqual([...source]);
  });

  test("follows contents: another order of the data set gives the same views", async () => {
    const order = permutation(length, 8);
    const shuffled = subset(images, order, "other");
    for (const at of [0, 11, 39])
      expect(await viewOf(shuffled, at, { shift: 1, mixup })).toEqual(
        await viewOf(images, order[at]!, { shift: 1, mixup }),
      );
  });

  test("views, seeds and samples differ in partner and share; every sample is drawn", () => {
    const mixOf = makeMixer(images, { mixup, seed: 7 });
    const partners = new Set<number>();
    for (let view = 0; view < 20; view++)
      for (let index = 0; index < length; index++) partners.add(mixOf(index, view).partner);
    expect(partners.size).toBe(length);
    const first = Array.from({ length }, (_, index) => mixOf(index, 0));
    expect(Array.from({ length }, (_, index) => mixOf(index, 1))).not.toEqual(first);
    const other = makeMixer(images, { mixup, seed: 8 });
    expect(Array.from({ length }, (_, index) => other(index, 0))).not.toEqual(first);
  });

  test("a part of the data draws from the whole pool; who is not there has no number", () => {
    const whole = makeMixer(images, { mixup, seed: 7 });
    const half = subset(
      images,
      Array.from({ length: 20 }, (_, at) => at),
      "half",
    );
    const pool = Array.from({ length }, (_, index) => images.key(index));
    const part = makeMixer(half, { mixup, seed: 7, pool });
    for (let index = 0; index < 20; index++) {
      const { partner, lambda } = whole(index, 3);
      expect(part(index, 3)).toEqual({ partner: partner < 20 ? partner : -1, lambda });
    }
  });
});

test.each([0, -1, Number.NaN])("α = %d is refused", (alpha) => {
  const views = () => makeViews(images, { augmentation: { mixup: { alpha } }, seed: 0 });
  expect(views).toThrow("mixup: alpha must be");
});

test("token ids are refused, as int32 and as text", () => {
  const ids = { name: "ids", shape: [3], labels: [0, 0], classNames: ["a"] };
  const numbers = [1, 2, 3, 4, 5, 6];
  const views = (dataset: Dataset) => () =>
    makeViews(dataset, { augmentation: { mixup }, seed: 0 });
  const asIntegers = arrayDataset({ ...ids, dtype: "int32", data: Int32Array.from(numbers) });
  expect(views(asIntegers)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: mixup: samples that are token ids cannot be mixed: a number between two ids is another token, got ids, int32. Leave mixup out.]`,
  );
  const text = { vocabulary: ["", "?", "a", "b", "c", "d", "e"], length: 3 };
  const data = Float32Array.from(numbers);
  expect(views(arrayDataset({ ...ids, dtype: "float32", data, text }))).toThrow("got ids, text.");
  expect(() => makeViews(asIntegers, { augmentation: null, seed: 0 })).not.toThrow();
});

test("an augmenter of single images refuses to mix", () => {
  expect(() => makeAugmenter(images, { mixup }, 0)).toThrow(
    "Read views of the data set with makeViews",
  );
});
