/**
 * @file Identities that tie losses to each other, losses at extreme logits, and what losses refuse.
 */

import { describe, expect, it } from "vitest";
import {
  buildDistillationLoss,
  type DistillationLossSpec,
  dkdLoss,
  hardLabelLoss,
  jensenShannonLoss,
  logitMatchingLoss,
  nkdLoss,
  reverseKlLoss,
  skewKlLoss,
  softTargetLoss,
  softTargets,
  standardizeLogits,
  totalVariationLoss,
  virtualTeacherLoss,
  wsldLoss,
} from "../../src/distill/losses/index.ts";
import { input } from "../../src/engine/graph/index.ts";
import { assertClose } from "../support/close.ts";
import {
  type LossOf,
  lossInFloat64,
  lossInRuntime,
  type Numbers,
} from "../support/gradient-graph.ts";
import { lossBatch } from "../support/loss-batch.ts";

const inputs = lossBatch();
const value = (loss: LossOf): number => lossInFloat64(loss, inputs).loss;
const gradient = (loss: LossOf): Numbers => lossInFloat64(loss, inputs).gradients.student!;
/** What JavaScript may give where a word of a closed set belongs. */
const word = (text: string): never => text as never;
/** Both sides compute in float64. */
const close = { rtol: 1e-9, atol: 1e-12 };
const forward: LossOf = ({ student, teacher }) =>
  softTargetLoss(student!, teacher!, { temperature: 1 });
const reverse: LossOf = ({ student, teacher }) => reverseKlLoss(student!, teacher!);

/** The teacher's, or the student's, probability of each sample's label, at temperature T. */
function labelProbabilities(temperature: number, model = "teacher"): number[] {
  const logits = Array.from(inputs[model]!.data);
  return Array.from(inputs.labels!.data, (label, row) => {
    const powers = logits.slice(row * 4, row * 4 + 4).map((z) => Math.exp(z / temperature));
    return powers[label]! / powers.reduce((a, b) => a + b);
  });
}

describe("identities", () => {
  it("a virtual teacher at a small temperature is the labels themselves", () => {
    const hard: LossOf = ({ student, labels }) => hardLabelLoss(student!, labels!);
    const virtual: LossOf = ({ student, labels }) =>
      virtualTeacherLoss(student!, labels!, { temperature: 1e-4 });
    expect(value(virtual)).toBeCloseTo(value(hard), 10);
  });

  it("dkd with β = 1 − p(label) of each sample is kd", () => {
    const beta = { shape: [5], data: labelProbabilities(4).map((p) => 1 - p) };
    const dkd = lossInFloat64(
      ({ student, teacher, labels, beta: of }) =>
        dkdLoss(student!, teacher!, labels!, { beta: of! }),
      { ...inputs, beta },
    );
    const kd: LossOf = ({ student, teacher }) => softTargetLoss(student!, teacher!);
    expect(dkd.loss).toBeCloseTo(value(kd), 10);
    assertClose("gradient", dkd.gradients.student!, gradient(kd), close);
  });

  it("nkd teaches the other classes as dkd does, and the target by p(label) of cross-entropy", () => {
    const nkd =
      (gamma: number): LossOf =>
      ({ student, teacher, labels }) =>
        nkdLoss(student!, teacher!, labels!, { gamma, temperature: 4 });
    const others: LossOf = ({ student, teacher, labels }) =>
      dkdLoss(student!, teacher!, labels!, { alpha: 0, beta: 2 });
    const [whole, target] = [gradient(nkd(2)), gradient(nkd(0))];
    const part = { ...whole, data: Array.from(whole.data, (x, i) => x - target.data[i]!) };
    assertClose("others", part, gradient(others), close);
    const sampleWeights = { shape: [5], data: labelProbabilities(1).map((p) => p / 5) };
    const hard = lossInFloat64(
      ({ student, labels, sampleWeights: of }) =>
        hardLabelLoss(student!, labels!, { sampleWeights: of! }),
      { ...inputs, sampleWeights },
    );
    expect(value(nkd(0))).toBeCloseTo(hard.loss, 12);
    assertClose("target", target, hard.gradients.student!, close);
  });

  it("nkd's T² is that of its second part", () => {
    const nkd =
      (gamma: number, scaleByTemperatureSquared: boolean): LossOf =>
      ({ student, teacher, labels }) =>
        nkdLoss(student!, teacher!, labels!, { gamma, temperature: 3, scaleByTemperatureSquared });
    const target = value(nkd(0, true));
    const [scaled, plain] = [value(nkd(1.5, true)), value(nkd(1.5, false))];
    expect((scaled - target) / (plain - target)).toBeCloseTo(9, 10);
  });

  it("wsld is kd with weights that student and teacher decide, and that have no gradient", () => {
    const surprise = (name: string): number[] =>
      labelProbabilities(1, name).map((p) => -Math.log(p));
    const taught = surprise("teacher");
    const omega = surprise("student").map((own, row) => 1 - Math.exp(-own / taught[row]!));
    const sampleWeights = { shape: [5], data: omega.map((each) => each / 5) };
    const kd = lossInFloat64(
      ({ student, teacher, sampleWeights: of }) =>
        softTargetLoss(student!, teacher!, { sampleWeights: of! }),
      { ...inputs, sampleWeights },
    );
    const wsld: LossOf = ({ student, teacher, labels }) =>
      wsldLoss(student!, teacher!, labels!, { temperature: 4 });
    const besideEpsilon = { rtol: 1e-5, atol: 1e-9 }; // 1e-7 in ω's denominator
    expect(value(wsld) / kd.loss).toBeCloseTo(1, 5);
    assertClose("gradient", gradient(wsld), kd.gradients.student!, besideEpsilon);
  });

  it("jensen-shannon is forward KL at β = 0, reverse KL at 1, and tends to both", () => {
    const jsd =
      (beta: number): LossOf =>
      ({ student, teacher }) =>
        jensenShannonLoss(student!, teacher!, { beta });
    assertClose("β = 0", gradient(jsd(0)), gradient(forward), close);
    assertClose("β = 1", gradient(jsd(1)), gradient(reverse), close);
    expect(value(jsd(1e-6)) / 1e-6 / value(forward)).toBeCloseTo(1, 2);
    expect(value(jsd(1 - 1e-6)) / 1e-6 / value(reverse)).toBeCloseTo(1, 2);
    expect(value(jsd(0.5))).toBeLessThan(Math.LN2);
  });

  it("jensen-shannon at 0.5 does not mind who teaches", () => {
    const swapped: LossOf = ({ student, teacher }) => jensenShannonLoss(teacher!, student!);
    const direct = value(({ student, teacher }) => jensenShannonLoss(student!, teacher!));
    // the second argument gets no gradient, so only the first is asked for
    expect(lossInFloat64(swapped, inputs, ["teacher"]).loss).toBeCloseTo(direct, 12);
  });

  it("skew 0 is the plain KL in both directions", () => {
    const skew =
      (direction: "forward" | "reverse"): LossOf =>
      ({ student, teacher }) =>
        skewKlLoss(student!, teacher!, { skew: 0, direction });
    assertClose("forward", gradient(skew("forward")), gradient(forward), close);
    assertClose("reverse", gradient(skew("reverse")), gradient(reverse), close);
  });

  it("total variation is between 0 and 1, and 1 when nothing is shared", () => {
    const tv: LossOf = ({ student, teacher }) => totalVariationLoss(student!, teacher!);
    expect(value(tv)).toBeGreaterThan(0);
    expect(value(tv)).toBeLessThan(1);
    const apart = {
      student: { shape: [1, 2], data: [900, 0] },
      teacher: { shape: [1, 2], data: [0, 900] },
    };
    expect(lossInFloat64(tv, apart).loss).toBe(1);
  });

  it("standardisation takes out scale and offset of either side", () => {
    const loss: LossOf = ({ student, teacher }) =>
      softTargetLoss(standardizeLogits(student!), standardizeLogits(teacher!));
    const affine = (name: string, scale: number, offset: number) => ({
      ...inputs[name]!,
      data: Array.from(inputs[name]!.data, (z) => z * scale + offset),
    });
    const changed = {
      ...inputs,
      student: affine("student", 7, -2),
      teacher: affine("teacher", 0.3, 5),
    };
    // 1e-7 beside the deviation
    expect(lossInFloat64(loss, changed).loss).toBeCloseTo(value(loss), 6);
  });

  it("label smoothing of 0 is plain cross-entropy in both conventions", () => {
    for (const smoothedClasses of ["all", "others"] as const)
      expect(
        value(({ student, labels }) => hardLabelLoss(student!, labels!, { smoothedClasses })),
      ).toBe(value(({ student, labels }) => hardLabelLoss(student!, labels!)));
  });

  it("both conventions of label smoothing agree when ε is stated in the other's terms", () => {
    // ε / C for every class = ε (C − 1) / C shared among the others
    const all: LossOf = ({ student, labels }) =>
      hardLabelLoss(student!, labels!, { labelSmoothing: 0.2 });
    const others: LossOf = ({ student, labels }) =>
      hardLabelLoss(student!, labels!, { labelSmoothing: 0.15, smoothedClasses: "others" });
    expect(value(others)).toBeCloseTo(value(all), 12);
  });
});

describe("extreme logits", () => {
  it.each([100, 900])("nkd is finite at a gap of %d, in float32 too", async (gap) => {
    const far = {
      student: { shape: [1, 3], data: [-gap, 0, gap / 2] },
      teacher: { shape: [1, 3], data: [gap, 0, -gap / 2] },
      labels: { shape: [1], data: [0], int32: true },
    };
    const loss: LossOf = ({ student, teacher, labels }) =>
      nkdLoss(student!, teacher!, labels!, { gamma: 1 });
    const exact = lossInFloat64(loss, far);
    // The teacher is sure of class 0, and then of class 1: −ln q_0 = 1.5 gap and −ln q̂_1 = gap / 2
    expect(exact.loss).toBeCloseTo(2 * gap, 9);
    const run = await lossInRuntime(loss, far);
    expect(run.loss / exact.loss).toBeCloseTo(1, 6);
    const few = { rtol: 1e-6, atol: 1e-6 }; // float32's rounding of probabilities
    assertClose("gradient", run.gradients.student!, exact.gradients.student!, few);
  });

  it.each([100, 900])("dkd is finite at a gap of %d, in float32 too", async (gap) => {
    const far = {
      student: { shape: [1, 3], data: [-gap, 0, gap / 2] },
      teacher: { shape: [1, 3], data: [gap, 0, -gap / 2] },
      labels: { shape: [1], data: [0], int32: true },
    };
    const loss: LossOf = ({ student, teacher, labels }) =>
      dkdLoss(student!, teacher!, labels!, { temperature: 1, beta: 1 });
    const exact = lossInFloat64(loss, far);
    // The teacher is sure of class 0, and then of class 1: −ln q_0 = 1.5 gap and −ln q̂_1 = gap / 2
    expect(exact.loss).toBeCloseTo(2 * gap, 9);
    const run = await lossInRuntime(loss, far);
    expect(run.loss / exact.loss).toBeCloseTo(1, 6);
    assertClose("gradient", run.gradients.student!, exact.gradients.student!, {
      rtol: 1e-6,
      atol: 1e-6,
    });
  });

  it("standardised logits that are all equal give a finite gradient", () => {
    const flat = { ...inputs, student: { shape: [5, 4], data: new Array<number>(20).fill(2) } };
    const { loss, gradients } = lossInFloat64(
      ({ student, teacher }) =>
        softTargetLoss(standardizeLogits(student!), standardizeLogits(teacher!)),
      flat,
    );
    expect(Number.isFinite(loss)).toBe(true);
    expect(Array.from(gradients.student!.data).every(Number.isFinite)).toBe(true);
  });
});

describe("refusals", () => {
  const student = input("student", "float32", [8, 10]);
  const teacher = input("teacher", "float32", [8, 10]);
  const other = input("other", "float32", [8, 100]);
  const labels = input("labels", "int32", [8]);
  const single = input("single", "float32", [8, 1]);

  it.each([
    [
      "other classes",
      () => softTargetLoss(student, other),
      "shape/mismatch",
      "softTargetLoss: studentLogits [batch, classes] and teacherLogits must agree in batch and classes, got [8, 10] and [8, 100]. Give both models the same classes in the same order.",
    ],
    [
      "one row of teacher logits for the whole batch",
      () => logitMatchingLoss(input("s", "float32", [3, 3]), input("t", "float32", [3])),
      "shape/mismatch",
      "logitMatchingLoss: studentLogits [batch, classes] and teacherLogits must agree in batch and classes, got [3, 3] and [3]. Give both models the same classes in the same order.",
    ],
    [
      "a temperature of 0",
      () => softTargetLoss(student, teacher, { temperature: 0 }),
      "config/range",
      "softTargetLoss: temperature must be greater than 0, got 0. Use 4, the default, or a value between 1 and 20.",
    ],
    [
      "a temperature per sample",
      () => softTargetLoss(student, teacher, { temperature: input("T", "float32", [8]) }),
      "shape/rank",
      "softTargetLoss: temperature must be a scalar, got [8]. Feed one number a step.",
    ],
    [
      "weights for another batch",
      () => softTargetLoss(student, teacher, { sampleWeights: input("w", "float32", [7]) }),
      "shape/mismatch",
      "softTargetLoss: perSample and sampleWeights must have the same shape, got [8] and [7]. Make the shapes agree.",
    ],
    [
      "logits of a single axis as an ensemble",
      () => softTargets(input("t", "float32", [10]), 4),
      "shape/rank",
      "softTargets: teacherLogits must be [batch, classes] or [batch, members, classes], got [10]. Reshape them.",
    ],
    [
      "a label too few",
      () => hardLabelLoss(student, input("labels", "int32", [7])),
      "shape/mismatch",
      "hardLabelLoss: studentLogits must be [batch, classes] and labels [batch], got [8, 10] and [7]. Give one label per row of logits.",
    ],
    [
      "labels that are no indices",
      () => dkdLoss(student, teacher, input("labels", "float32", [8])),
      "dtype/integer",
      "dkdLoss: labels must be class indices, int32 or int64, got float32. Cast them; distributions over classes belong in softTargetLoss.",
    ],
    [
      "a negative weight of nkd's other classes",
      () => nkdLoss(student, teacher, labels, { gamma: -1 }),
      "config/range",
      "nkdLoss: gamma must be a finite number, at least 0, got -1. Correct gamma.",
    ],
    [
      "label smoothing of 1",
      () => hardLabelLoss(student, labels, { labelSmoothing: 1 }),
      "config/range",
      "hardLabelLoss: labelSmoothing must be a finite number, at least 0 and below 1, got 1. Correct labelSmoothing.",
    ],
    [
      "smoothing over the others of one class",
      () => hardLabelLoss(single, labels, { labelSmoothing: 0.1, smoothedClasses: "others" }),
      "shape/classes",
      'hardLabelLoss: smoothing over the "others" needs at least two classes, got [1]. Use smoothedClasses: "all", or no smoothing.',
    ],
    [
      "a mixture outside [0, 1]",
      () => jensenShannonLoss(student, teacher, { beta: 1.5 }),
      "config/range",
      "jensenShannonLoss: beta must be a finite number, at least 0 and at most 1, got 1.5. Correct beta.",
    ],
    [
      "a mixture of another direction",
      () => skewKlLoss(student, teacher, { direction: word("Forward") }),
      "config/unknown-name",
      'skewKlLoss: unknown direction "Forward". Did you mean "forward"? Valid: forward, reverse.',
    ],
    [
      "a smoothing of other classes",
      () => hardLabelLoss(student, labels, { smoothedClasses: word("other") }),
      "config/unknown-name",
      'hardLabelLoss: unknown smoothedClasses "other". Did you mean "others"? Valid: all, others.',
    ],
    [
      "another mean of an ensemble",
      () => softTargets(input("t", "float32", [8, 2, 4]), 1, word("mean")),
      "config/unknown-name",
      'softTargets: unknown mean of an ensemble "mean". Valid: arithmetic, geometric, logits.',
    ],
    [
      "the deviation of one class",
      () => standardizeLogits(single),
      "shape/classes",
      "standardizeLogits: a deviation needs at least two classes, got [8, 1]. Leave standardisation out.",
    ],
    [
      "a virtual teacher of one class",
      () => virtualTeacherLoss(single, labels),
      "shape/classes",
      "virtualTeacherLoss: there must be at least two classes, got [8, 1]. Leave the term out.",
    ],
    [
      "a loss that does not exist",
      // what JavaScript or a recipe may hold
      () => buildDistillationLoss({ name: "softTarget" } as unknown as DistillationLossSpec),
      "config/unknown-name",
      'distillation loss: unknown loss "softTarget". Did you mean "softTargets"? Valid: softTargets, logits, dkd, nkd, wsld, dist, jensenShannon, reverseKl, skewKl, totalVariation, sigmoidTargets.',
    ],
    [
      "dkd without labels",
      () => buildDistillationLoss({ name: "dkd" })(student, teacher, { temperature: 4 }),
      "config/labels",
      'distillation loss "dkd": this loss needs the labels of the batch, got none. Give context.labels, or choose a loss that works without labels, such as softTargets.',
    ],
  ])("%s", (_, build, code, message) => {
    expect(build).toThrow(expect.objectContaining({ code, message }));
  });
});
