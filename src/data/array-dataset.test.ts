import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { arrayDataset, subset } from "./array-dataset.ts";
import { keyWord, keyWords } from "./content-hash.ts";

const golden = JSON.parse(
  readFileSync(new URL("../../test/golden/data/expected.json", import.meta.url), "utf8"),
);
const pixels = {
  name: "pixels",
  dtype: "uint8",
  shape: [2, 3],
  data: Uint8Array.from(golden.pixels),
  labels: golden.labels,
  classNames: ["a", "b", "ü"],
  preprocessing: { scale: 0.5, offset: -1 },
} as const;
const floats = {
  name: "floats",
  dtype: "float32",
  shape: [4],
  data: Float32Array.from(golden.floats_f4),
  labels: golden.labels,
  classNames: ["a", "b", "c"],
} as const;

test("keys and hash are those that hashlib computes from the documented bytes", () => {
  const dataset = arrayDataset(pixels);
  expect(Array.from({ length: 6 }, (_, index) => dataset.key(index))).toEqual(golden.keys);
  expect(dataset.hash()).toBe(golden.hash);
  expect(arrayDataset(floats).key(0)).toBe(golden.key_of_floats);
  expect(Array.from(keyWords(dataset), (word) => word.toString(16).padStart(8, "0"))).toEqual(
    golden.keys.map((key: string) => key.slice(0, 8)),
  );
  expect(keyWord("ffffffff00000000")).toBe(4294967295);
});

test.each([
  [[5, 0, 5]],
  [[1, 2, 3, 3, 2]],
  [[0, 1, 2, 3, 4, 5]],
  [[4, 5, 0, 1]],
  [[1, 3, 4]],
  [[]],
])(
  "gather copies samples in the asked order, repeats and neighbours included: %j",
  async (indices) => {
    const into = new Uint8Array(6 * indices.length);
    await arrayDataset(pixels).gather(Int32Array.from(indices), into);
    const row = (index: number): number[] => golden.pixels.slice(index * 6, index * 6 + 6);
    expect(Array.from(into)).toEqual(indices.flatMap(row));
  },
);

test("preprocessing defaults to the unit range for uint8 and to nothing for float32", () => {
  const { preprocessing: _, ...plain } = pixels;
  expect(arrayDataset(plain).preprocessing).toEqual({ scale: 1 / 255, offset: 0 });
  expect(arrayDataset(floats).preprocessing).toEqual({ scale: 1, offset: 0 });
});

test("a subset has its parent's samples, labels, groups and keys under its own numbers", async () => {
  const dataset = arrayDataset({ ...pixels, groups: ["p", "p", "q", "q", "r", "r"] });
  const part = subset(subset(dataset, [5, 3, 1], "odd"), [2, 0], "ends");
  const into = new Uint8Array(12);
  await part.gather(Int32Array.of(0, 1), into);
  expect(Array.from(into)).toEqual([...golden.pixels.slice(6, 12), ...golden.pixels.slice(30)]);
  expect([part.length, Array.from(part.labels), part.groups]).toEqual([2, [2, 2], ["p", "r"]]);
  expect([part.key(0), part.key(1)]).toEqual([golden.keys[1], golden.keys[5]]);
  expect(part.hash()).not.toBe(dataset.hash());
  expect(subset(dataset, [0, 1, 2, 3, 4, 5], "all").hash()).toBe(dataset.hash());
});

test("the hash sees order, labels, class names and preprocessing", () => {
  const variants = [
    { ...pixels },
    { ...pixels, labels: [0, 2, 1, 1, 0, 1] },
    { ...pixels, classNames: ["a", "b", "u"] },
    { ...pixels, preprocessing: { scale: 0.5, offset: 0 } },
    { ...pixels, data: Uint8Array.from(golden.pixels.toReversed()) },
  ];
  expect(new Set(variants.map((samples) => arrayDataset(samples).hash())).size).toBe(5);
});

test.each([
  [
    { ...floats, data: floats.data.with(13, Number.NaN), origin: { samples: "x.npy", labels: "" } },
    "data/not-finite",
    "x.npy: every value must be a finite number, got NaN in sample 3, element 1. Remove the sample, or replace the value, before training.",
  ],
  [
    { ...floats, data: floats.data.with(0, -Infinity) },
    "data/not-finite",
    "floats: every value must be a finite number, got -Infinity in sample 0, element 0. Remove the sample, or replace the value, before training.",
  ],
  [
    { ...floats, labels: [0, 1, 2, 3, 0, 0], origin: { samples: "x.npy", labels: "y.npy" } },
    "data/label",
    "y.npy: labels must be 0 … 2 (there are 3 classes), or -1 for unlabelled, got 3 for sample 3. Correct the label, or name every class.",
  ],
  [
    { ...floats, labels: [0, 1, 2, -2, 0, 0] },
    "data/label",
    "floats: labels must be 0 … 2 (there are 3 classes), or -1 for unlabelled, got -2 for sample 3. Correct the label, or name every class.",
  ],
  [
    { ...floats, labels: [0, 1] },
    "data/length",
    "floats: there must be one label per sample (6 samples), got 2. Give files that belong together, or correct the shape.",
  ],
  [
    { ...floats, shape: [5] },
    "data/length",
    "floats: data must hold whole samples of shape [5] (5 elements each), got 24 elements. Give files that belong together, or correct the shape.",
  ],
  [
    { ...floats, data: new Float32Array(0), labels: [] },
    "data/empty",
    "floats: a data set needs at least one sample of at least one element, got 0 elements for samples of shape [4]. Check that the right file was given.",
  ],
  [
    { ...floats, classNames: ["a", "b", "a"] },
    "data/classes",
    'floats: class names must differ, got "a" twice. Name each class once.',
  ],
  [
    { ...floats, groups: ["p"] },
    "data/length",
    "floats: there must be one group per sample (6 samples), got 1. Give files that belong together, or correct the shape.",
  ],
  [
    { ...floats, preprocessing: { scale: 0, offset: 0 } },
    "data/preprocessing",
    "floats: preprocessing needs a finite scale other than 0 and a finite offset, got scale 0, offset 0. Use value * scale + offset, for example scale 1/255, offset 0.",
  ],
])("refused: %#", (samples, code, message) => {
  expect(() => arrayDataset(samples)).toThrowError(expect.objectContaining({ code, message }));
});

/** As JavaScript callers give it, whom no type holds back. */
const untyped = arrayDataset as (samples: object) => unknown;

test.each([
  [
    { ...floats, data: Float64Array.of(1, Number.NaN, 2, 3), labels: [0] },
    "data/dtype",
    "floats: samples of dtype float32 must be in one Float32Array, got a value of type Float64Array. Convert them, for example with Float32Array.from, or name another dtype.",
  ],
  [
    { ...pixels, data: Float32Array.of(1.7, 300, 0, 0, 0, 0), labels: [0] },
    "data/dtype",
    "pixels: samples of dtype uint8 must be in one Uint8Array, got a value of type Float32Array. Convert them, for example with Uint8Array.from, or name another dtype.",
  ],
  [
    { ...floats, data: [1, 2, 3, 4], labels: [0] },
    "data/dtype",
    "floats: samples of dtype float32 must be in one Float32Array, got a value of type Array. Convert them, for example with Float32Array.from, or name another dtype.",
  ],
  [
    { ...floats, data: undefined },
    "data/dtype",
    "floats: samples of dtype float32 must be in one Float32Array, got a value of type Undefined. Convert them, for example with Float32Array.from, or name another dtype.",
  ],
  [
    { ...floats, dtype: "float64", data: new Float64Array(24) },
    "data/dtype",
    "floats: samples must be uint8, float32, int32, got float64. Convert the samples, for example to float32.",
  ],
  [
    { ...floats, shape: [0.5] },
    "data/shape",
    "floats: the shape of a sample must be a list of whole, positive sizes, got [0.5]. Give the sizes of one sample's axes, without the number of samples.",
  ],
  [
    { ...floats, shape: [-1, -4] },
    "data/shape",
    "floats: the shape of a sample must be a list of whole, positive sizes, got [-1, -4]. Give the sizes of one sample's axes, without the number of samples.",
  ],
  [
    { ...floats, shape: 4 },
    "data/shape",
    "floats: the shape of a sample must be a list of whole, positive sizes, got 4. Give the sizes of one sample's axes, without the number of samples.",
  ],
  [
    { ...floats, shape: [4, 0] },
    "data/empty",
    "floats: a data set needs at least one sample of at least one element, got 24 elements for samples of shape [4, 0]. Check that the right file was given.",
  ],
])("refused, though only without types: %#", (samples, code, message) => {
  expect(() => untyped(samples)).toThrowError(expect.objectContaining({ code, message }));
});

test("labels may stand in any array of numbers; a Buffer is a Uint8Array", () => {
  for (const labels of [[0, 1], Int32Array.of(0, 1), Float64Array.of(0, 1), Uint8Array.of(0, 1)])
    expect(arrayDataset({ ...pixels, data: Buffer.alloc(12), labels }).labels).toEqual(
      Int32Array.of(0, 1),
    );
  expect(() =>
    arrayDataset({ ...pixels, data: Buffer.alloc(12), labels: Float64Array.of(0, 0.5) }),
  ).toThrowError(expect.objectContaining({ code: "data/label" }));
});

test("unlabelled samples are taken, and a subset refuses numbers outside the set", () => {
  const dataset = arrayDataset({ ...floats, labels: [0, -1, -1, 2, 1, -1] });
  expect(Array.from(dataset.labels)).toEqual([0, -1, -1, 2, 1, -1]);
  expect(() => subset(dataset, [6], "none")).toThrowError(
    expect.objectContaining({ code: "data/index" }),
  );
});
