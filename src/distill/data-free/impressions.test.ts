import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { evaluateValues, referenceTensor } from "../../../test/reference/evaluate.ts";
import { constant, input, type Value } from "../../engine/graph/index.ts";
import { batchNormalization } from "../../engine/ops/index.ts";
import { tensor } from "../../engine/tensor/index.ts";
import { smoothImages } from "./noise.ts";
import { smoothedValue } from "./smoothed-value.ts";
import { statisticsDivergence } from "./statistics-divergence.ts";

interface Golden {
  readonly smoothed: readonly {
    readonly shape: readonly number[];
    readonly blur: number;
    readonly image: readonly number[];
    readonly smoothed: readonly number[];
  }[];
  readonly statistics: readonly {
    readonly shape: readonly number[];
    readonly x: readonly number[];
    readonly mean: readonly number[];
    readonly variance: readonly number[];
    readonly divergence: number;
  }[];
}

const file = new URL("../../../test/golden/data-free.json", import.meta.url);
// as: the file is written by scripts/golden/data_free.py in this form
const golden = JSON.parse(readFileSync(file, "utf8")) as Golden;
const floats = (values: readonly number[]): Float32Array => Float32Array.from(values);

test("images are smoothed as NumPy does it, on the host and in the graph", () => {
  for (const { shape, blur, image, smoothed } of golden.smoothed) {
    const onHost = floats([...image, ...image]);
    smoothImages(onHost, shape, blur);
    const images = input("images", "float32", [1, ...shape]);
    const value = smoothedValue(images, blur);
    const fed = new Map([
      [images, referenceTensor(tensor("float32", [1, ...shape], floats(image)))],
    ]);
    const inGraph = evaluateValues([value], fed)[0]!.data;
    for (const [at, wanted] of smoothed.entries()) {
      expect(onHost[at]).toBeCloseTo(wanted, 6); // float32 weights and result
      expect(onHost[at + image.length]).toBe(onHost[at]); // the second sample as the first
      expect(inGraph[at]).toBeCloseTo(wanted, 6); // float32 weights
    }
  }
  const images = input("images", "float32", [1, 1, 3, 3]);
  expect(smoothedValue(images, 0)).toBe(images);
});

test("a batch's divergence from kept statistics is NumPy's, summed over layers", () => {
  const kept = (of: readonly number[]): Value =>
    constant(tensor("float32", [of.length], floats(of)));
  const elements = (value: Value): readonly number[] => [
    ...evaluateValues([value], new Map())[0]!.data,
  ];
  const measured = (value: Value): number => elements(statisticsDivergence(value)!)[0]!;
  const normalized = (x: Value, { mean, variance }: Golden["statistics"][number]): Value =>
    batchNormalization(x, kept(variance), kept(mean), kept(mean), kept(variance));
  for (const one of golden.statistics) {
    const samples = constant(tensor("float32", one.shape, floats(one.x)));
    const first = normalized(samples, one);
    expect(measured(first)).toBeCloseTo(one.divergence, 9); // float64, sums in another order
    const again = constant(tensor("float32", one.shape, floats(elements(first))));
    const second = measured(normalized(again, one));
    expect(measured(normalized(first, one))).toBeCloseTo(one.divergence + second, 5); // `again` is float32
  }
  expect(statisticsDivergence(input("logits", "float32", [2, 3]))).toBeNull();
});
