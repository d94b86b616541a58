/**
 * @file What must be true of every distillation loss: zero at agreement, invariances, weights,
 * extremes.
 */

import { describe, expect, it } from "vitest";
import {
  buildDistillationLoss,
  type DistillationLossSpec,
  distillationLosses,
} from "../../src/distill/losses/index.ts";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { input } from "../../src/engine/graph/index.ts";
import { wrongDerivative } from "../support/central-differences.ts";
import { assertClose } from "../support/close.ts";
import { type Inputs, lossInFloat64, lossInRuntime } from "../support/gradient-graph.ts";
import { lossBatch, onBatch } from "../support/loss-batch.ts";

const specs: readonly DistillationLossSpec[] = [
  { name: "softTargets" },
  { name: "softTargets", standardize: true },
  { name: "logits" },
  { name: "dkd" },
  { name: "nkd" },
  { name: "wsld" },
  { name: "dist" },
  { name: "jensenShannon" },
  { name: "jensenShannon", beta: 0.1 },
  { name: "reverseKl" },
  { name: "skewKl" },
  { name: "skewKl", direction: "reverse" },
  { name: "totalVariation" },
];

/** Keeps the teacher's entropy, and pulls at the label even where both agree. */
const isNoDivergence = ({ name }: DistillationLossSpec): boolean => name === "nkd";

/** Takes the weights of its samples as given, so that its gradient is not its whole slope. */
const hasGivenWeights = ({ name }: DistillationLossSpec): boolean => name === "wsld";

describe.each(specs.map((spec) => [JSON.stringify(spec), spec] as const))("%s", (_, spec) => {
  const loss = onBatch(buildDistillationLoss(spec));
  const inputs = lossBatch();

  it.skipIf(hasGivenWeights(spec))("has a gradient that central differences confirm", () => {
    const value = (student: Float64Array): number =>
      lossInFloat64(loss, { ...inputs, student: { shape: [5, 4], data: student } }).loss;
    const student = Float64Array.from(inputs.student!.data);
    const { data } = lossInFloat64(loss, inputs).gradients.student!;
    const check = { inputs: [student], gradient: [Float64Array.from(data)], seed: 1 };
    expect(wrongDerivative({ ...check, value: ([moved]) => value(moved!) })).toBeNull();
  });

  it.skipIf(isNoDivergence(spec))("is 0 with gradient 0 when student and teacher agree", () => {
    const agreed = { ...inputs, teacher: inputs.student! };
    const { loss: value, gradients: derived } = lossInFloat64(loss, agreed);
    // DIST keeps 1e-8 in a denominator of size 0.01, and T² = 9 multiplies it
    expect(Math.abs(value)).toBeLessThan(spec.name === "dist" ? 1e-4 : 1e-12);
    const flat = { shape: [5, 4], data: new Array(20).fill(0) };
    if (spec.name !== "totalVariation")
      // it has a kink there
      assertClose("gradient", derived.student!, flat, {
        rtol: 0,
        atol: spec.name === "dist" ? 1e-4 : 1e-12,
      });
  });

  it("does not change when a constant is added to a sample's logits", () => {
    const moved = (name: string, by: number) => ({
      ...inputs[name]!,
      data: Array.from(inputs[name]!.data, (x, i) => x + by * (1 + Math.floor(i / 4))),
    });
    const shifted = { ...inputs, student: moved("student", 5), teacher: moved("teacher", -3) };
    expect(lossInFloat64(loss, shifted).loss).toBeCloseTo(lossInFloat64(loss, inputs).loss, 10);
  });

  it("is the mean of two equal samples as of one, and leaves out weight 0", () => {
    const doubled = (weights: readonly number[]): Inputs => ({
      ...inputs,
      ...Object.fromEntries(
        ["student", "teacher", "labels"].map((name) => {
          const { shape, data, ...rest } = inputs[name]!;
          const twice = [...Array.from(data), ...Array.from(data)];
          return [name, { ...rest, shape: [10, ...shape.slice(1)], data: twice }];
        }),
      ),
      sampleWeights: { shape: [10], data: weights },
    });
    const weights = Array.from(inputs.sampleWeights!.data);
    const once = lossInFloat64(loss, inputs).loss;
    const halves = doubled([...weights, ...weights].map((w) => w / 2));
    expect(lossInFloat64(loss, halves).loss).toBeCloseTo(once, 6); // 1e-8 in DIST counts samples
    const padded = doubled([...weights, 0, 0, 0, 0, 0]);
    const { loss: value, gradients: derived } = lossInFloat64(loss, padded);
    expect(value).toBeCloseTo(once, 6);
    expect(derived.student!.data.slice(20).every((x) => x === 0)).toBe(true);
  });

  it("is half as large with half the weights", () => {
    const halves = Array.from(inputs.sampleWeights!.data, (weight) => weight / 2);
    const light = { ...inputs, sampleWeights: { shape: [5], data: halves } };
    const half = lossInFloat64(loss, inputs).loss / 2;
    expect(lossInFloat64(loss, light).loss).toBeCloseTo(half, 12);
  });

  it("is 0 with gradient 0 when no sample counts", () => {
    const nothing = { ...inputs, sampleWeights: { shape: [5], data: [0, 0, 0, 0, 0] } };
    const { loss: value, gradients: derived } = lossInFloat64(loss, nothing);
    expect(value).toBe(0);
    expect(derived.student!.data.every((x) => x === 0)).toBe(true);
  });

  it("is finite in float32 with logits of ±1000, at T = 1", async () => {
    // in each sample some class is unlikely to both, and each has a favourite of its own
    const extreme = (favourite: number) => ({
      shape: [5, 4],
      data: Array.from({ length: 20 }, (_, i) => (i % 3 === favourite ? 1000 : -1000)),
    });
    const far = {
      ...inputs,
      student: extreme(0),
      teacher: extreme(1),
      temperature: { shape: [], data: [1] },
    };
    const { loss: value, gradients: derived } = await lossInRuntime(loss, far);
    expect(Number.isFinite(value)).toBe(true);
    expect(derived.student!.data.every(Number.isFinite)).toBe(true);
  });

  it("sends no gradient to the teacher", () => {
    const [student, teacher] = [input("s", "float32", [5, 4]), input("t", "float32", [5, 4])];
    const labels = input("y", "int32", [5]);
    const value = buildDistillationLoss(spec)(student, teacher, { temperature: 2, labels });
    expect(() => gradients(value, [teacher])).toThrow('the loss must depend on "t"');
  });

  it("takes an ensemble; equal members teach as one", () => {
    const { data } = inputs.teacher!;
    const thrice = Array.from(
      { length: 15 * 4 },
      (_, i) => data[Math.floor(i / 12) * 4 + (i % 4)]!,
    );
    const ensemble = { ...inputs, teacher: { shape: [5, 3, 4], data: thrice } };
    for (const mean of ["arithmetic", "geometric", "logits"] as const)
      expect(lossInFloat64(onBatch(buildDistillationLoss(spec, mean)), ensemble).loss).toBeCloseTo(
        lossInFloat64(loss, inputs).loss,
        10,
      );
  });
});

describe("losses of one class", () => {
  const one = { ...lossBatch(), student: { shape: [5, 1], data: [1, 2, 3, 4, 5] } };
  const inputs: Inputs = {
    ...one,
    teacher: { shape: [5, 1], data: [5, 4, 3, 2, 1] },
    labels: { shape: [5], data: [0, 0, 0, 0, 0], int32: true },
  };

  it.each(
    Object.keys(distillationLosses).filter((name) => !["dist", "sigmoidTargets"].includes(name)),
  )("%s is 0 with gradient 0", async (name) => {
    // its keys are the names
    const loss = onBatch(buildDistillationLoss({ name } as DistillationLossSpec));
    for (const result of [lossInFloat64(loss, inputs), await lossInRuntime(loss, inputs)]) {
      expect(Math.abs(result.loss)).toBeLessThan(1e-6); // ln α + ln(1 − α) in float32
      expect(result.gradients.student!.data.every((x) => x === 0)).toBe(true);
    }
  });

  it("sigmoidTargets still has a question to answer: is it this class?", async () => {
    const loss = onBatch(buildDistillationLoss({ name: "sigmoidTargets" }));
    const same = { ...inputs, teacher: inputs.student! };
    expect(Math.abs((await lossInRuntime(loss, same)).loss)).toBeLessThan(1e-6); // rounding
    expect((await lossInRuntime(loss, inputs)).loss).toBeGreaterThan(0.1);
  });

  it("dist has nothing to correlate: T² · 2 with gradient 0", async () => {
    const loss = onBatch(buildDistillationLoss({ name: "dist" }));
    const { loss: value, gradients: derived } = await lossInRuntime(loss, inputs);
    expect(value).toBeCloseTo(9 * 2, 5);
    expect(derived.student!.data.every((x) => x === 0)).toBe(true);
  });
});
