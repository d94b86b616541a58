/** @file Reconstruction loss and area under the ROC curve against PyTorch and scikit-learn. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { reconstructionErrors, reconstructionLoss } from "../../src/distill/losses/index.ts";
import { areaUnderRoc } from "../../src/distill/metrics/index.ts";
import { input } from "../../src/engine/graph/index.ts";
import { mul, reduceSum } from "../../src/engine/ops/index.ts";
import { assertClose } from "../support/close.ts";
import { lossInFloat64, lossInRuntime } from "../support/gradient-graph.ts";

interface LossCase {
  readonly shape: readonly number[];
  readonly output: readonly number[];
  readonly target: readonly number[];
  readonly weights: readonly number[] | null;
  readonly errors: readonly number[];
  readonly loss: number;
  readonly gradient: readonly number[];
}

interface AreaCase {
  readonly scores: readonly number[];
  readonly positive: readonly number[];
  readonly area: number;
}

const url = new URL("../golden/reconstruction.json", import.meta.url);
// written by scripts/golden/reconstruction.py
const golden = JSON.parse(readFileSync(url, "utf8")) as {
  readonly losses: readonly LossCase[];
  readonly areas: readonly AreaCase[];
};

describe("reconstructionLoss", () => {
  it.each(golden.losses)("is PyTorch's on $shape", async (one) => {
    const { shape } = one;
    const batch = [shape[0]!];
    const inputs = {
      student: { shape, data: one.output },
      target: { shape, data: one.target },
      ...(one.weights && { weights: { shape: batch, data: one.weights } }),
    };
    const { errors } = one;
    const exact = lossInFloat64(
      ({ student, target, weights }) =>
        reconstructionLoss(student!, target!, { sampleWeights: weights }),
      inputs,
    );
    const produced = await lossInRuntime(
      ({ student, target, weights }) =>
        reconstructionLoss(student!, target!, { sampleWeights: weights }),
      inputs,
    );
    const gradient = { shape, data: one.gradient };
    expect(exact.loss).toBeCloseTo(one.loss, 12);
    assertClose("gradient", exact.gradients.student!, gradient, { rtol: 1e-12, atol: 1e-14 });
    expect(produced.loss / one.loss).toBeCloseTo(1, 5); // a dozen float32 roundings
    assertClose("in float32", produced.gradients.student!, gradient, { rtol: 1e-5, atol: 1e-7 });
    const weighing = { weights: { shape: batch, data: errors.map((_, row) => row + 1) } };
    const each = lossInFloat64(
      ({ student, target, weights }) =>
        reduceSum(mul(reconstructionErrors(student!, target!), weights!)),
      { ...inputs, ...weighing },
    );
    expect(each.loss).toBeCloseTo(
      errors.reduce((sum, error, row) => sum + (row + 1) * error, 0),
      12,
    );
  });

  it("refuses another shape", () => {
    const [a, b] = [input("a", "float32", [2, 3]), input("b", "float32", [2, 4])];
    expect(() => reconstructionLoss(a, b)).toThrow(
      expect.objectContaining({
        code: "shape/mismatch",
        message:
          "reconstructionLoss: output and target must have the same shape, got [2, 3] and [2, 4]. Make the shapes agree.",
      }),
    );
  });
});

describe("areaUnderRoc", () => {
  it.each(golden.areas)("is scikit-learn's, equal scores included: $area", (one) => {
    const kinds = one.positive.map((value) => value === 1);
    expect(areaUnderRoc(one.scores, kinds)).toBeCloseTo(one.area, 12);
  });

  it.each([
    [[1, 2, 3], [true, true, true], "evaluate/one-kind"],
    [[1, 2, 3], [false, false, false], "evaluate/one-kind"],
    [[1, Number.NaN], [true, false], "data/not-finite"],
  ] as const)("refuses %j as %j", (scores, kinds, code) => {
    expect(() => areaUnderRoc(scores, kinds)).toThrow(expect.objectContaining({ code }));
  });
});
