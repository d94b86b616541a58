/**
 * @file Weighted ensembles: the loss in the graph is the one that the package's combination gives.
 */

import { describe, expect, it } from "vitest";
import { combinedLogProbabilities } from "../../src/data/index.ts";
import {
  type EnsembleMean,
  logitMatchingLoss,
  softTargetLoss,
} from "../../src/distill/losses/index.ts";
import { lossInFloat64 } from "../support/gradient-graph.ts";

const student = [0.5, -1, 2, 0.25];
const members = [
  [3, 1, -2, 0],
  [-1, 4, 0.5, 2],
  [60, -40, 0, 5],
];
const inputs = {
  student: { shape: [1, 4], data: student },
  teacher: { shape: [1, 3, 4], data: members.flat() },
};
const temperature = 3;

function logSoftmax(z: readonly number[]): number[] {
  const top = Math.max(...z);
  const norm = top + Math.log(z.reduce((sum, value) => sum + Math.exp(value - top), 0));
  return z.map((value) => value - norm);
}

const lossWith = (ensembleMean: EnsembleMean): number =>
  lossInFloat64(
    ({ student: z, teacher: v }) => softTargetLoss(z!, v!, { temperature, ensembleMean }),
    inputs,
  ).loss;

describe("weights", () => {
  it.each([
    ["arithmetic", [1, 2, 5]],
    ["arithmetic", [0, 1, 3]],
    ["geometric", [1, 2, 5]],
    ["logits", [0.2, 0.3, 0.5]],
  ] as const)("%s with %o", (mean, weights) => {
    const logP = combinedLogProbabilities(Float32Array.from(members.flat()), 3, {
      method: mean,
      weights,
      temperature,
    });
    const logQ = logSoftmax(student.map((z) => z / temperature));
    const kl = logP.reduce((sum, log, k) => sum + Math.exp(log) * (log - logQ[k]!), 0);
    // combinedLogProbabilities rounds its logits, up to 65 here, to float32
    expect(lossWith({ mean, weights })).toBeCloseTo(temperature ** 2 * kl, 4);
  });

  it.each(["arithmetic", "geometric"] as const)("equal %s weights are no weights", (mean) => {
    expect(lossWith({ mean, weights: [2, 2, 2] })).toBeCloseTo(lossWith(mean), 10);
  });

  it("logit matching averages with them", () => {
    const value = (teacher: number[][], ensembleMean: EnsembleMean): number =>
      lossInFloat64(({ student: z, teacher: v }) => logitMatchingLoss(z!, v!, { ensembleMean }), {
        ...inputs,
        teacher: { shape: [1, teacher.length, 4], data: teacher.flat() },
      }).loss;
    const twice = [members[0]!, members[0]!, members[1]!];
    const weighted = value([members[0]!, members[1]!], { mean: "logits", weights: [2, 1] });
    expect(weighted).toBeCloseTo(value(twice, "logits"), 10);
  });

  it.each([[[1, 2]], [[1, 2, -1]], [[0, 0, 0]]])("%o are refused", (weights) => {
    expect(() => lossWith({ mean: "arithmetic", weights })).toThrowError("weights must be 3");
  });
});
