import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  areaUnderCurve,
  bootstrapMean,
  bootstrapRatio,
  epochsToReach,
  type Interval,
  pairedDifference,
  quantile,
} from "./index.ts";

interface Golden {
  readonly bootstrap: {
    readonly first: number[][];
    readonly second: number[][];
    readonly mean: number;
    readonly low: number;
    readonly high: number;
    readonly standardError: number;
  }[];
  readonly quantiles: {
    readonly values: number[];
    readonly q: number[];
    readonly expected: number[];
  };
  readonly area: { readonly curve: number[]; readonly expected: number };
}

const file = new URL("../../../test/golden/metrics.json", import.meta.url);
// as: the file is written by scripts/golden/metrics.py in this form
const golden = JSON.parse(readFileSync(file, "utf8")) as Golden;
const bits = (rows: number[][]): Uint8Array[] => rows.map((row) => Uint8Array.from(row));

test("quantiles as numpy interpolates them", () => {
  const sorted = Float64Array.from(golden.quantiles.values);
  golden.quantiles.q.forEach((q, i) => {
    // the same float64 formula up to the order of operations
    expect(quantile(sorted, q)).toBeCloseTo(golden.quantiles.expected[i]!, 13);
  });
});

test.each(golden.bootstrap)("interval of a paired difference as numpy's: $mean", (expected) => {
  const found = pairedDifference(bits(expected.first), bits(expected.second), {
    resamples: 20_000,
  });
  expect(found.mean).toBeCloseTo(expected.mean, 12);
  // Two independent estimates of a 2.5 % quantile from 20000 resamples each differ by about 0.027
  // standard errors (√2 · √(0.025·0.975/20000) / density 0.058); four times that is allowed.
  // Resampling seeds or samples alone, or drawing samples anew for each seed, misses by more.
  expect(Math.abs(found.low! - expected.low)).toBeLessThan(0.11 * expected.standardError);
  expect(Math.abs(found.high! - expected.high)).toBeLessThan(0.11 * expected.standardError);
});

describe("bootstrap", () => {
  const first = bits(golden.bootstrap[0]!.first);
  const second = bits(golden.bootstrap[0]!.second);

  test("the same seed gives the same interval, another seed another", () => {
    const [one, again, other] = [1, 1, 2].map((seed) => pairedDifference(first, second, { seed }));
    expect(again).toEqual(one);
    expect(other!.low).not.toBe(one!.low);
    expect(other!.mean).toBe(one!.mean);
  });

  test("swapping the arms swaps the sign; equal arms differ by exactly 0", () => {
    const there = pairedDifference(first, second);
    const back = pairedDifference(second, first);
    expect(back.mean).toBeCloseTo(-there.mean, 12);
    expect(back.low).toBeCloseTo(-there.high!, 12);
    expect(pairedDifference(first, first)).toEqual({ mean: 0, low: 0, high: 0 });
  });

  test("pairing: what both arms share does not widen the interval", () => {
    const width = ({ low, high }: Interval): number => high! - low!;
    const better = first.map((row) => row.map((hit, i) => (i % 50 === 0 ? 1 : hit)));
    expect(width(pairedDifference(better, first))).toBeLessThan(width(bootstrapMean(first)) / 2);
  });

  test("more confidence is wider", () => {
    const [narrow, wide] = [0.5, 0.99].map((confidence) => bootstrapMean(first, { confidence }));
    expect(wide!.low).toBeLessThan(narrow!.low!);
    expect(wide!.high).toBeGreaterThan(narrow!.high!);
  });

  test("one seed: only the samples vary", () => {
    const { mean, low, high } = bootstrapMean([first[0]!]);
    expect(low).toBeLessThan(mean);
    expect(high).toBeGreaterThan(mean);
  });

  test("refuses nothing to resample, unequal seeds and unequal samples", () => {
    expect(() => bootstrapMean([])).toThrow("at least one seed and one sample, got 0 seeds");
    expect(() => bootstrapMean([[], []])).toThrow("got 2 seeds and 0 samples");
    expect(() => bootstrapMean([[1, 0], [1]])).toThrow("the same samples, got 2 and 1");
    expect(() => pairedDifference(first, second.slice(1))).toThrow("same seeds, got 5 and 4");
  });

  test.each([
    [{ resamples: 0 }, "resamples must be an integer, at least 1, got 0."],
    [{ resamples: 1.5 }, "resamples must be an integer, at least 1, got 1.5."],
    [{ confidence: 1.5 }, "confidence must be a finite number, at least 0 and at most 1, got 1.5."],
    [{ confidence: Number.NaN }, "at least 0 and at most 1, got NaN."],
  ])("refuses %o", (options, message) => {
    const refusal = expect.objectContaining({
      code: "config/range",
      message: expect.stringContaining(message),
    });
    expect(() => bootstrapMean(first, options)).toThrow(refusal);
    expect(() => pairedDifference(first, second, options)).toThrow(refusal);
    expect(() => bootstrapRatio(first, first[0]!, options)).toThrow(refusal);
  });
});

describe("bootstrapRatio", () => {
  const sizes = Array.from({ length: 60 }, (_, unit) => 1 + (unit % 7));

  test("is exact where every unit has the same ratio, however large it is", () => {
    const { mean, low, high } = bootstrapRatio([sizes.map((size) => 0.25 * size)], sizes);
    expect([mean, low, high]).toEqual([0.25, 0.25, 0.25]); // multiples of a quarter
  });

  test("has the width that the delta method gives", () => {
    const errors = sizes.map((size, unit) => (size * ((unit * 37) % 11)) / 20);
    const { mean, low, high } = bootstrapRatio([errors], sizes);
    const total = sizes.reduce((a, b) => a + b, 0);
    expect(mean).toBeCloseTo(errors.reduce((a, b) => a + b, 0) / total, 12);
    const variance = errors.reduce((sum, e, unit) => sum + (e - mean * sizes[unit]!) ** 2, 0);
    const width = (2 * 1.96 * Math.sqrt(variance)) / total;
    expect((high! - low!) / width).toBeGreaterThan(0.93); // 2000 resamples: a few per cent
    expect((high! - low!) / width).toBeLessThan(1.07);
  });

  test("means over seeds, which are resampled too", () => {
    const { mean, low, high } = bootstrapRatio(
      [
        [1, 2],
        [3, 6],
      ],
      [10, 20],
    );
    expect(mean).toBeCloseTo(0.2, 12);
    expect([low, high]).toEqual([0.1, 0.3]); // one seed twice
  });

  test("units of size 0: as over all draws whose sizes are not all 0", () => {
    const [values, sizes] = [
      [1, 2, 0],
      [4, 0, 3],
    ];
    const units = [0, 1, 2];
    const ratios = units
      .flatMap((a) => units.flatMap((b) => units.map((c) => [a, b, c])))
      .map((draw) => draw.map((unit) => [values![unit]!, sizes![unit]!]))
      .map((draw) => draw.reduce(([v, s], [value, size]) => [v! + value!, s! + size!], [0, 0]))
      .filter(([, size]) => size !== 0)
      .map(([value, size]) => value! / size!)
      .sort((a, b) => a - b);
    const interval = bootstrapRatio([values!], sizes!, { resamples: 5000 });
    // of 26 draws one has the ratio 0 and three have 4/3, both more than 2.5 %
    expect(interval).toEqual({ mean: 3 / 7, low: ratios[0], high: ratios.at(-1) });
    expect([ratios.length, ratios[0], ratios.at(-1)]).toEqual([26, 0, 4 / 3]);
    const oneOfFive = bootstrapRatio([[1, 0, 0, 0, 0]], [4, 0, 0, 0, 0]);
    expect(oneOfFive).toEqual({ mean: 0.25, low: 0.25, high: 0.25 });
  });

  test("refuses units that are all of size 0", () => {
    expect(() => bootstrapRatio([[1, 0]], [0, 0])).toThrow(
      "bootstrapRatio: a unit must have a size other than 0, got 2 units of size 0.",
    );
  });
});

describe("convergence of a curve", () => {
  test("the first epoch from which it stays at or above the target", () => {
    expect(epochsToReach([0.2, 0.9, 0.5, 0.8, 0.8, 0.9], 0.8)).toBe(4);
    expect(epochsToReach([0.8, 0.9], 0.8)).toBe(1);
    expect(epochsToReach([0.2, 0.9, 0.79], 0.8)).toBeNull();
    expect(epochsToReach([0.1, 0.8], 0.8)).toBe(2);
    expect(epochsToReach([], 0.8)).toBeNull();
  });

  test("area as numpy's trapezoid rule, one epoch, none", () => {
    expect(areaUnderCurve(golden.area.curve)).toBeCloseTo(golden.area.expected, 13);
    expect(areaUnderCurve([0.7])).toBe(0.7);
    expect(() => areaUnderCurve([])).toThrow("at least one epoch");
  });
});
