import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { splitDataset } from "../split.ts";
import { parseDigits } from "./digits.ts";
import { loadDigits } from "./digits-node.ts";

const golden = JSON.parse(
  readFileSync(new URL("../../../test/golden/digits.json", import.meta.url), "utf8"),
);

test("built-in digits are the samples, labels and pixels that numpy made from MNIST", async () => {
  const { train, test: held } = await loadDigits();
  const counts = (labels: Int32Array): number[] =>
    Array.from({ length: 10 }, (_, label) => labels.filter((l) => l === label).length);
  expect(counts(train.labels)).toEqual(golden.train_counts);
  expect(counts(held.labels)).toEqual(golden.test_counts);
  expect([train.length, held.length, train.dtype, train.shape]).toEqual([
    10000,
    2000,
    "uint8",
    [1, 14, 14],
  ]);
  for (const [at, { label, pixels }] of Object.entries<{ label: number; pixels: number[] }>(
    golden.samples,
  )) {
    const index = Number(at);
    const [side, row] = index < 10000 ? [train, index] : [held, index - 10000];
    const sample = new Uint8Array(196);
    await side.gather(Int32Array.of(row), sample);
    expect(Array.from(sample)).toEqual(pixels);
    expect(side.labels[row]).toBe(label);
  }
  let sum = 0;
  for (const side of [train, held]) {
    const all = new Uint8Array(side.length * 196);
    await side.gather(
      Int32Array.from({ length: side.length }, (_, i) => i),
      all,
    );
    for (const pixel of all) sum += pixel;
  }
  // both are the exact mean of integers, divided once in float64
  expect(sum / (12000 * 196)).toBeCloseTo(golden.mean_pixel, 9);
});

test("the digits split by class without a repeated image", async () => {
  const { train } = await loadDigits();
  const split = splitDataset(train, { seed: 1, validation: 0.2 });
  expect([split.train.length, split.validation.length, split.test]).toEqual([
    8000,
    2000,
    undefined,
  ]);
});

test("a damaged digits file is refused by name", () => {
  const path = new URL("../../../assets/digits/digits.bin", import.meta.url);
  const bytes = new Uint8Array(readFileSync(path));
  for (const damaged of [bytes.subarray(0, 1000), new Uint8Array(10), flipped(bytes, 200_000)])
    expect(() => parseDigits(damaged, "digits.bin")).toThrowError(
      expect.objectContaining({
        code: "file/checksum",
        message:
          "digits.bin: the built-in digits must be the published file, got other bytes (damaged or replaced). Install the package again.",
      }),
    );
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = copy[at]! ^ 1;
  return copy;
}
