/** @file Share of an ensemble's gain: exact on planted counts, honest where there is no gain. */

import { describe, expect, it } from "vitest";
import { randomStream } from "../../engine/tensor/index.ts";
import { gainKept } from "./gain-kept.ts";

/** Correct answers of a model on 400 units of 10, right with a probability of p. */
function counts(p: number, ...key: (string | number)[]): Int32Array {
  const stream = randomStream("gain", ...key);
  return Int32Array.from({ length: 400 }, () => {
    let correct = 0;
    for (let i = 0; i < 10; i++) correct += stream.uniform() < p ? 1 : 0;
    return correct;
  });
}
const sizes = new Int32Array(400).fill(10);

describe("gainKept", () => {
  it("is (student − baseline) / (ensemble − baseline)", () => {
    const result = gainKept({
      baseline: [Int32Array.of(4, 6), Int32Array.of(6, 4)], // 0.5
      ensemble: Int32Array.of(7, 7), // 0.7
      students: [Int32Array.of(6, 6), Int32Array.of(7, 7)], // 0.65
      sizes: Int32Array.of(10, 10),
    });
    expect(result.baseline.mean).toBeCloseTo(0.5, 12); // float64 sums
    expect(result.gain.mean).toBeCloseTo(0.2, 12);
    expect(result.kept?.mean).toBeCloseTo(0.75, 12);
  });

  it("weighs units by their sizes", () => {
    const result = gainKept({
      baseline: [Int32Array.of(0, 0)],
      ensemble: Int32Array.of(30, 10),
      students: [Int32Array.of(30, 0)],
      sizes: Int32Array.of(30, 10),
    });
    expect(result.students.mean).toBeCloseTo(0.75, 12);
  });

  it("leaves no resample without a size", () => {
    const result = gainKept({
      baseline: [Int32Array.of(1, 0, 0)],
      ensemble: Int32Array.of(3, 0, 0),
      students: [Int32Array.of(2, 0, 0)],
      sizes: Int32Array.of(4, 0, 0),
    });
    expect(result).toEqual({
      baseline: { mean: 0.25, low: 0.25, high: 0.25 },
      ensemble: { mean: 0.75, low: 0.75, high: 0.75 },
      students: { mean: 0.5, low: 0.5, high: 0.5 },
      gain: { mean: 0.5, low: 0.5, high: 0.5 },
      kept: { mean: 0.5, low: 0.5, high: 0.5 },
    });
  });

  it("gives intervals that hold the planted share", () => {
    const pool = (p: number, count: number, name: string): Int32Array[] =>
      Array.from({ length: count }, (_, model) => counts(p, name, model));
    const result = gainKept({
      baseline: pool(0.5, 10, "baseline"),
      ensemble: counts(0.7, "ensemble"),
      students: pool(0.66, 5, "student"),
      sizes,
    });
    const { kept } = result;
    expect(kept?.low).toBeLessThan(0.8);
    expect(kept?.high).toBeGreaterThan(0.8);
    expect(kept!.high! - kept!.low!).toBeLessThan(0.2);
  });

  it("with one ensemble draws what it always drew, alone or as a list of one", () => {
    const few = (p: number, name: string): Int32Array => counts(p, name).subarray(0, 30);
    const given = {
      baseline: [few(0.5, "a"), few(0.5, "b")],
      ensemble: few(0.7, "e"),
      students: [few(0.65, "s"), few(0.65, "t")],
      sizes: sizes.subarray(0, 30),
    };
    const options = { resamples: 200, seed: 3 };
    const one = gainKept(given, options);
    // written by the code that took one ensemble alone: published intervals hang on these draws
    expect([one.ensemble, one.kept]).toMatchInlineSnapshot(`
      [
        {
          "high": 0.73675,
          "low": 0.6433333333333333,
          "mean": 0.6933333333333334,
        },
        {
          "high": 1.1902499999999998,
          "low": 0.4614130434782608,
          "mean": 0.7719298245614036,
        },
      ]
    `);
    expect(gainKept({ ...given, ensemble: [given.ensemble] }, options)).toEqual(one);
  });

  it("draws the seeds of several ensembles too", () => {
    const always = (right: number): Int32Array => Int32Array.of(right, right);
    const result = gainKept({
      baseline: [always(2)],
      ensemble: [always(6), always(8)], // resamples have 0.6, 0.7 (half of them) or 0.8
      students: [always(5)],
      sizes: always(10),
    });
    for (const [found, mean, low, high] of [
      [result.ensemble, 0.7, 0.6, 0.8],
      [result.gain, 0.5, 0.4, 0.6],
      [result.kept!, 0.3 / 0.5, 0.3 / 0.6, 0.3 / 0.4],
    ] as const) {
      expect(found.mean).toBeCloseTo(mean, 12); // float64 sums
      expect(found.low).toBeCloseTo(low, 12);
      expect(found.high).toBeCloseTo(high, 12);
    }
  });

  it("works on errors as on correct answers, and knows which of the two is better", () => {
    const [four, three, two] = [4, 3, 2].map((each) => Int32Array.of(each, each));
    const students = [three!];
    const fewer = { baseline: [four!], ensemble: two!, students, sizes: Int32Array.of(10, 10) };
    const result = gainKept(fewer, { lowerIsBetter: true });
    expect(result.gain.mean).toBeCloseTo(-0.2, 12);
    expect(result.kept?.mean).toBeCloseTo(0.5, 12);
    const errors = { lowerIsBetter: true, smallestGain: 0.19 };
    expect(gainKept(fewer, errors).kept).not.toBeNull();
    expect(gainKept(fewer, { ...errors, smallestGain: 0.21 }).kept).toBeNull();
    const worse = gainKept(fewer); // of correct answers
    expect([worse.gain, worse.kept]).toEqual([result.gain, null]);
    const more = { ...fewer, baseline: [two!], ensemble: four! };
    expect(gainKept(more, { lowerIsBetter: true }).kept).toBeNull();
    expect(gainKept(more).kept?.mean).toBeCloseTo(0.5, 12);
  });

  it("is undefined without a clear gain, and under the smallest that counts", () => {
    const baseline = [counts(0.5, "a"), counts(0.5, "b")];
    const students = [counts(0.5, "s")];
    expect(gainKept({ baseline, ensemble: counts(0.5, "e"), students, sizes }).kept).toBeNull();
    const clear = { baseline, ensemble: counts(0.56, "e"), students, sizes };
    expect(gainKept(clear, { smallestGain: 0.01 }).kept).not.toBeNull();
    expect(gainKept(clear, { smallestGain: 0.2 }).kept).toBeNull();
  });

  it("refuses sizes that are all 0, and no resamples", () => {
    const counts = { baseline: [[1, 2]], ensemble: [1, 2], students: [[1, 2]] };
    expect(() => gainKept({ ...counts, sizes: [0, 0] })).toThrowError(
      "gainKept: a unit must have a size other than 0, got 2 units of size 0.",
    );
    expect(() => gainKept(counts, { resamples: 0 })).toThrowError(
      "gainKept: resamples must be an integer, at least 1, got 0.",
    );
    expect(() => gainKept(counts, { confidence: -1 })).toThrowError(
      "gainKept: confidence must be a finite number, at least 0 and at most 1, got -1.",
    );
  });

  it("refuses models that were counted on other units", () => {
    expect(() => gainKept({ baseline: [[1, 2]], ensemble: [1, 2], students: [[1]] })).toThrowError(
      "gainKept: all models must be counted on the same units, got 2 and 1 units.",
    );
    const several = { baseline: [[1, 2]], ensemble: [[1, 2], [1]], students: [[1, 2]] };
    expect(() => gainKept(several)).toThrowError("got 2 and 1 units");
  });

  it("refuses to measure nothing", () => {
    expect(() => gainKept({ baseline: [[1]], ensemble: [], students: [[1]] })).toThrowError(
      "gainKept: there must be baseline models, ensembles, students, and units that were counted, got 1, 0, 1 and 0.",
    );
  });
});
