import { expect, it } from "vitest";
import { assertInRange, type Range } from "./assert-range.ts";

it.each<[number, Range]>([
  [0, { from: 0 }],
  [1, { to: 1 }],
  [0.999, { above: 0, below: 1 }],
  [-1e300, {}],
  [3, { from: 1, isInteger: true }],
])("lets pass %d in %j", (rate, range) => {
  expect(() => assertInRange("layer", { rate }, range)).not.toThrow();
});

it.each<[number, Range, string]>([
  [-0.1, { from: 0 }, "rate must be a finite number, at least 0, got -0.1"],
  [1.1, { to: 1 }, "rate must be a finite number, at most 1, got 1.1"],
  [0, { above: 0, below: 1 }, "rate must be a finite number, above 0 and below 1, got 0"],
  [1, { above: 0, below: 1 }, "rate must be a finite number, above 0 and below 1, got 1"],
  [Number.POSITIVE_INFINITY, {}, "rate must be a finite number, got Infinity"],
  [Number.NaN, { from: 0 }, "rate must be a finite number, at least 0, got NaN"],
  [2.5, { from: 1, isInteger: true }, "rate must be an integer, at least 1, got 2.5"],
])("refuses %d in %j", (rate, range, sentence) => {
  expect(() => assertInRange("layer", { rate }, range)).toThrow(
    expect.objectContaining({ code: "config/range", message: `layer: ${sentence}. Correct rate.` }),
  );
});
