/**
 * @file The soft-target loss against values worked out by hand: four classes, several temperatures.
 */

import { describe, expect, it } from "vitest";
import {
  hardLabelLoss,
  logitMatchingLoss,
  softTargetLoss,
} from "../../src/distill/losses/index.ts";
import { assertClose } from "../support/close.ts";
import {
  type Inputs,
  type LossOf,
  lossInFloat64,
  lossInRuntime,
} from "../support/gradient-graph.ts";

const row = (...data: number[]) => ({ shape: [1, data.length], data });
const published: Inputs = { student: row(3, 1, 0, -0.5), teacher: row(6, 2, -1, 0.5) };
const at =
  (temperature: number): LossOf =>
  ({ student, teacher }) =>
    softTargetLoss(student!, teacher!, { temperature });

/** Zero-mean differences of `published`, divided by the classes: the limit of T² · gradient. */
const limit = [-0.5, 0, 0.5, 0];

describe("soft targets of four classes, by hand", () => {
  // KL, T² · KL, gradient of the cross-entropy, computed from the formulas with NumPy to eight
  // digits
  const table = [
    [1, 0.12461208, 0.12461208, [-0.15438815, 0.09345941, 0.04007512, 0.02085361]],
    [2, 0.15025594, 0.60102378, [-0.12336157, 0.04918944, 0.05093668, 0.02323545]],
    [4, 0.06008202, 0.96131239, [-0.0391452, 0.00950496, 0.02310758, 0.00653266]],
    [20, 0.00256276, 1.02510531, [-0.0013604, 0.00008047, 0.00120528, 0.00007465]],
  ] as const;

  it.each(table)("T = %d: KL %d, T² KL %d", async (temperature, kl, scaled, gradient) => {
    const plain: LossOf = ({ student, teacher }) =>
      softTargetLoss(student!, teacher!, { temperature, scaleByTemperatureSquared: false });
    const eightDigits = { rtol: 0, atol: 5.1e-9 };
    const direct = lossInFloat64(plain, published);
    expect(Math.abs(direct.loss - kl)).toBeLessThan(5.1e-9);
    expect(Math.abs(lossInFloat64(at(temperature), published).loss - scaled)).toBeLessThan(5.1e-9);
    assertClose("gradient", direct.gradients.student!, row(...gradient), eightDigits);
    const run = await lossInRuntime(at(temperature), published);
    // T² multiplies float32's rounding of a small KL
    expect(Math.abs(run.loss - scaled)).toBeLessThan(temperature ** 2 * 2e-7);
    const scaledGradient = row(...gradient.map((x) => x * temperature ** 2));
    const bound = { rtol: 1e-4, atol: temperature ** 2 * 1e-8 };
    assertClose("gradient", run.gradients.student!, scaledGradient, bound);
  });

  it("at T = 1000 is logit matching, to 0.2 %", () => {
    const hot = lossInFloat64(at(1000), published);
    const matching = lossInFloat64(
      ({ student, teacher }) => logitMatchingLoss(student!, teacher!),
      published,
    );
    expect(matching.loss).toBeCloseTo(1, 12);
    expect(hot.loss).toBeCloseTo(1.00062, 5);
    assertClose("matching", matching.gradients.student!, row(...limit), {
      rtol: 0,
      atol: 1e-12,
    });
    // 0.2 % of 0.5
    assertClose("soft", hot.gradients.student!, row(...limit), { rtol: 0, atol: 0.001 });
  });

  it.each([
    [10, 0.16],
    [100, 0.019],
    [1000, 0.0019],
  ])("T = %d: the gradient is %d away from its limit", (temperature, expected) => {
    const { data } = lossInFloat64(at(temperature), published).gradients.student!;
    const error = Math.max(...limit.map((wanted, i) => Math.abs(data[i]! - wanted))) / 0.5;
    expect(error).toBeGreaterThan(expected * 0.9);
    expect(error).toBeLessThan(expected * 1.1);
  });

  it("hard cross-entropy of class 0", () => {
    const inputs = { ...published, labels: { shape: [1], data: [0], int32: true } };
    const { loss } = lossInFloat64(
      ({ student, labels }) => hardLabelLoss(student!, labels!),
      inputs,
    );
    expect(Math.abs(loss - 0.1950072)).toBeLessThan(5.1e-9);
  });

  it("the temperature may be fed at each step, and is then a value like any other", async () => {
    const fed: LossOf = ({ student, teacher, temperature }) =>
      softTargetLoss(student!, teacher!, { temperature: temperature! });
    const inputs = { ...published, temperature: { shape: [], data: [2] } };
    expect(lossInFloat64(fed, inputs)).toEqual(lossInFloat64(at(2), published));
    expect((await lossInRuntime(fed, inputs)).loss).toBeCloseTo(0.60102378, 6);
  });
});
