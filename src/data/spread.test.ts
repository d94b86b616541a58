import { expect, test } from "vitest";
import { arrayDataset } from "./array-dataset.ts";
import { spreadIndices, spreadSamples } from "./spread.ts";

test("indices at even distances, each once, all of them where there are no more", () => {
  expect([...spreadIndices(10, 4)]).toEqual([0, 2, 5, 7]);
  expect([...spreadIndices(3, 5)]).toEqual([0, 1, 2]);
  expect(spreadIndices(0, 5)).toHaveLength(0);
  expect(new Set(spreadIndices(1000, 999)).size).toBe(999);
});

test("every class of sorted samples is there", () => {
  const labels = Int32Array.from({ length: 90 }, (_, at) => Math.floor(at / 30));
  const data = Float32Array.from(labels.keys());
  const classNames = ["a", "b", "c"];
  const sorted = arrayDataset({
    name: "made",
    dtype: "float32",
    shape: [1],
    data,
    labels,
    classNames,
  });
  expect([...spreadSamples(sorted, 6).labels]).toEqual([0, 0, 1, 1, 2, 2]);
  expect(spreadSamples(sorted, 90)).toBe(sorted);
});
