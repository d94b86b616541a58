/** @file Weights under which nothing is learned at some time, or that begin or end at 0. */

import { describe, expect, test } from "vitest";
import { assertLearning } from "./learning-rules.ts";
import type { DistillationSpec } from "./training-spec.ts";

const off = { softWeight: 0, hardWeight: 0 } as const;
const early = { kind: "windows", value: 1, on: [[0, 0.5]] } as const;
const late = { kind: "windows", value: 1, on: [[0.5, 1]] } as const;
const features = [{ student: "hidden1", teacher: "hidden1" }] as const;
const rising = { kind: "linear", value: 0, final: 1 } as const;

const said = (spec: DistillationSpec, seesLabels?: boolean): string => {
  try {
    assertLearning(spec, seesLabels);
    return "accepted";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("with labels", () => {
  const both =
    "distillation: softWeight and hardWeight must not both be 0: nothing would be learned";
  test.each<readonly [DistillationSpec, string]>([
    [{}, "accepted"],
    [off, `${both}, got 0 and 0. Raise one of them.`],
    [
      { ...off, softWeight: early },
      `${both}, got 0 and 0 from 0.5 of the run on. Raise one of them.`,
    ],
    [{ softWeight: early, hardWeight: late }, "accepted"],
    [{ ...off, softWeight: rising }, "accepted"],
    [{ ...off, softWeight: { kind: "warmup", value: 1, warmup: 0.5 } }, "accepted"],
    [{ ...off, softWeight: early, features }, "accepted"],
    [
      { ...off, features },
      "distillation: softWeight or hardWeight must be above 0 at some time: features alone train no last layer, got 0 throughout, beside features. Raise one of them.",
    ],
    [{ softWeight: early, hardWeight: 0, adversarial: {} }, "accepted"],
    [{ softWeight: 0, adversarial: {} }, "accepted"],
    [
      { softWeight: early, hardWeight: 0, adversarial: { weight: early } },
      `${both}, got 0 and 0 from 0.5 of the run on. Raise one of them.`,
    ],
    [
      { ...off, adversarial: {} },
      "distillation: softWeight or hardWeight must be above 0 at some time: a discriminator does not see which sample has which logits, got 0 throughout, beside adversarial. Raise one of them.",
    ],
    [
      { ...off, features: [{ ...features[0], weight: 0 }] },
      `${both}, got 0 and 0. Raise one of them.`,
    ],
  ])("%j", (spec, expected) => {
    expect(said(spec)).toBe(expected);
  });
});

describe("without labels hardWeight weighs nothing", () => {
  const soft =
    "distillation: softWeight must not be 0 where the student sees no label: nothing would be learned";
  const fix = "Raise softWeight, or keep some labels.";
  test.each<readonly [DistillationSpec, string]>([
    [{}, "accepted"],
    [{ softWeight: 0, hardWeight: 1 }, `${soft}, got 0. ${fix}`],
    [{ softWeight: early, hardWeight: late }, `${soft}, got 0 from 0.5 of the run on. ${fix}`],
    [{ softWeight: rising }, "accepted"],
    [
      { softWeight: 0, features },
      `distillation: without labels softWeight must be above 0 at some time: features alone train no last layer, got 0 throughout, beside features. ${fix}`,
    ],
  ])("%j", (spec, expected) => {
    expect(said(spec, false)).toBe(expected);
  });
});
