import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { randomStream } from "../../engine/tensor/index.ts";
import { classConcentrations, drawLogDirichlet } from "./soft-targets.ts";

interface Golden {
  readonly similarity: readonly {
    readonly classes: number;
    readonly kernel: readonly number[];
    readonly concentrations: readonly (readonly number[])[];
  }[];
  readonly dirichlet: readonly Readonly<
    Record<"alpha" | "mean" | "variance" | "logMean" | "logVariance", readonly number[]>
  >[];
}

const file = new URL("../../../test/golden/data-free.json", import.meta.url);
// as: the file is written by scripts/golden/data_free.py in this form
const golden = JSON.parse(readFileSync(file, "utf8")) as Golden;

test("concentrations are NumPy's", () => {
  for (const { classes, kernel, concentrations } of golden.similarity) {
    const own = classConcentrations(Float32Array.from(kernel), classes);
    expect(own.length).toBe(classes);
    for (const [k, row] of own.entries())
      for (const [j, value] of row.entries()) expect(value).toBeCloseTo(concentrations[k]![j]!, 12); // float64 both, sums in another order
  }
});

test("a class without weights is like none, and alike classes are spread evenly", () => {
  const rows = (kernel: number[], classes: number): number[][] =>
    classConcentrations(Float32Array.from(kernel), classes).map((row) => [...row]);
  expect(rows([1, 0, 2, 0], 2)).toEqual([
    [1, 0.01],
    [1, 1],
  ]);
  expect(rows([1, 1, 2, 2], 2)).toEqual([
    [1, 1],
    [1, 1],
  ]);
});

test("draws have the moments of the Dirichlet distribution, with small concentrations too", () => {
  const draws = 20_000;
  for (const { alpha, mean, variance, logMean, logVariance } of golden.dirichlet) {
    const stream = randomStream(3, "moments", alpha.length);
    const sums = alpha.map(() => 0);
    const logSums = alpha.map(() => 0);
    const squares = alpha.map(() => 0);
    for (let draw = 0; draw < draws; draw++) {
      const logs = drawLogDirichlet(Float64Array.from(alpha), stream);
      expect(logs.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 12);
      for (const [at, log] of logs.entries()) {
        sums[at]! += Math.exp(log) / draws;
        logSums[at]! += log / draws;
        squares[at]! += (Math.exp(log) - mean[at]!) ** 2 / draws;
      }
    }
    for (const at of alpha.keys()) {
      const within = (measured: number, value: number, spread: number): void =>
        expect(Math.abs(measured - value)).toBeLessThan(4.5 * Math.sqrt(spread / draws)); // standard errors
      within(sums[at]!, mean[at]!, variance[at]!);
      within(logSums[at]!, logMean[at]!, logVariance[at]!);
      within(squares[at]!, variance[at]!, variance[at]!); // (y - mean)² is below 1: its square is smaller
    }
  }
});
