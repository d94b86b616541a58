/** @file hashUniform: its distribution, and that seeds, streams and elements are set apart. */

import { expect, it } from "vitest";
import { constant } from "../../src/engine/graph/index.ts";
import { hashUniform } from "../../src/engine/ops/index.ts";
import { scalar } from "../../src/engine/tensor/index.ts";
import { evaluateValues } from "../reference/evaluate.ts";

const count = 50_000;

function draw(seed: number, stream: number): Float64Array {
  const value = hashUniform(constant(scalar("uint32", seed)), { shape: [count], stream });
  return evaluateValues([value], new Map())[0]!.data;
}

function correlation(a: Float64Array, b: Float64Array): number {
  const product = a.reduce((sum, x, i) => sum + (x - 0.5) * (b[i]! - 0.5), 0);
  return (12 * product) / a.length; // the variance of a uniform number is 1/12
}

/** Chi-square of 64 equal bins: mean 63, deviation 11.2; 120 is five deviations above. */
it.each([
  [0, 0],
  [1, 0],
  [0, 1],
  [123456789, 7],
])("seed %i, stream %i is uniform", (seed, stream) => {
  const bins = new Array<number>(64).fill(0);
  for (const x of draw(seed, stream)) bins[Math.floor(x * 64)]!++;
  const expected = count / 64;
  const chiSquare = bins.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  expect(chiSquare).toBeLessThan(120);
  expect(chiSquare).toBeGreaterThan(25); // not suspiciously even either
});

/** The correlation of independent draws has deviation 1 / √50,000 = 0.0045. */
it.each([
  ["neighbouring seeds", draw(0, 0), draw(1, 0)],
  ["neighbouring streams", draw(5, 0), draw(5, 1)],
  ["seed and stream exchanged", draw(1, 2), draw(2, 1)],
  ["an element and the next", draw(9, 0).subarray(1), draw(9, 0).subarray(0, count - 1)],
])("%s are not correlated", (_name, a, b) => {
  expect(Math.abs(correlation(a, b))).toBeLessThan(5 * 0.0045);
});

it("repeats itself", () => {
  expect(draw(42, 3)).toEqual(draw(42, 3));
});
