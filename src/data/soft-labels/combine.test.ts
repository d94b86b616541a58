import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { CombineMethod } from "./index.ts";
import { combinedLogProbabilities, combineMembers } from "./index.ts";

interface GoldenCase {
  readonly logits: number[][];
  readonly weights: number[];
  readonly temperature: number;
  readonly method: CombineMethod;
  readonly isSigmoid: boolean;
  readonly logProbabilities: number[];
}

const file = new URL("../../../test/golden/combine-members.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: GoldenCase[] };

test("agrees with numpy in float64 for every method, weight, temperature and kind", () => {
  expect(cases).toHaveLength(108);
  for (const { logits, logProbabilities, ...options } of cases) {
    const found = combinedLogProbabilities(
      Float32Array.from(logits.flat()),
      logits.length,
      options,
    );
    // z passes through float32 (2^-24 of it), and z / T is up to 40 here
    for (const [k, expected] of logProbabilities.entries())
      expect(Math.abs(found[k]! - expected)).toBeLessThan(5e-6);
  }
});

describe.each<CombineMethod>(["arithmetic", "geometric", "logits"])("%s", (method) => {
  test("one member: its own bytes, at any temperature", () => {
    const logits = Float32Array.of(1000, -0.1, 3);
    for (const temperature of [0.5, 1, 20])
      expect(combineMembers(logits, 1, { method, temperature })).toEqual(logits);
  });

  test("equal members: the same distribution as one", () => {
    const one = Float32Array.of(2, -1, 0.5);
    const three = Float32Array.of(...one, ...one, ...one);
    const expected = combinedLogProbabilities(one, 1, { method, temperature: 3 });
    const found = combinedLogProbabilities(three, 3, { method, temperature: 3 });
    for (let k = 0; k < 3; k++) expect(found[k]).toBeCloseTo(expected[k]!, 6);
  });

  test("finite, and probabilities sum to 1, for huge and disagreeing logits", () => {
    const logits = Float32Array.of(60000, -60000, 0, -60000, 60000, 0);
    const p = combinedLogProbabilities(logits, 2, { method }).map(Math.exp);
    expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    const unlikely = combinedLogProbabilities(Float32Array.of(0, -5000, 0, -5000), 2, { method });
    expect(unlikely[1]).toBeCloseTo(-5000, 2); // float32 logits; exp(-5000) is 0
  });

  test("a weight of 0 leaves a member out", () => {
    const logits = Float32Array.of(2, -1, 0.5, 9, 9, -9);
    const found = combinedLogProbabilities(logits, 2, { method, weights: [3, 0] });
    const expected = combinedLogProbabilities(logits.slice(0, 3), 1, { method });
    for (let k = 0; k < 3; k++) expect(found[k]).toBeCloseTo(expected[k]!, 6);
  });
});

test("sure and opposed members: the arithmetic mean keeps both, the geometric mean neither", () => {
  const logits = Float32Array.of(20, 0, 0, 0, 20, 0);
  const arithmetic = combinedLogProbabilities(logits, 2, { method: "arithmetic" }).map(Math.exp);
  const geometric = combinedLogProbabilities(logits, 2, { method: "geometric" }).map(Math.exp);
  expect(arithmetic[2]).toBeLessThan(1e-8); // e^-20
  expect(geometric[2]).toBeCloseTo(Math.exp(-10) / 2, 8);
});

test.each([
  ["temperature 0", 2, { method: "logits", temperature: 0 }],
  ["three members of four logits", 3, { method: "logits" }],
  ["no members", 0, { method: "logits" }],
  ["too few weights", 2, { method: "logits", weights: [1] }],
  ["a negative weight", 2, { method: "logits", weights: [2, -1] }],
  ["weights that are all 0", 2, { method: "logits", weights: [0, 0] }],
] as const)("refuses %s", (_, members, options) => {
  expect(() => combineMembers(new Float32Array(4), members, options)).toThrow(/combineMembers/);
});
