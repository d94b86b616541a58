import { describe, expect, test } from "vitest";
import { reportConvergence } from "./converge.ts";
import type { ConvergenceInput } from "./input.ts";

const scratchCurve = [0.5, 0.6, 0.7, 0.8, 0.79];

/** One distilled curve a seed, against the same scratch curve; 2 seconds an epoch. */
function runs(...distilled: readonly (readonly number[])[]): ConvergenceInput {
  const run = (
    arm: "distilled" | "scratch",
    seed: number,
    validationAccuracy: readonly number[],
  ) => ({
    arm,
    seed,
    learningRate: 0.1,
    validationAccuracy,
    epochSeconds: validationAccuracy.map(() => 2),
  });
  return {
    runs: distilled.flatMap((curve, seed) => [
      run("distilled", seed, curve),
      run("scratch", seed, scratchCurve),
    ]),
    labellingSeconds: 3,
  };
}

const early = [0.6, 0.81, 0.82, 0.83, 0.84];
const sameEpoch = [0.5, 0.6, 0.7, 0.8, 0.85];
const dips = [0.9, 0.9, 0.9, 0.79, 0.9];
const never = [0.5, 0.5, 0.6, 0.6, 0.7];

describe("outcome", () => {
  test.each([
    ["quicker in every seed", [early, early, early], "quicker"],
    ["in two of three", [early, early, never], "undecided"],
    ["in one of three", [early, never, never], "not quicker"],
    ["in half", [early, early, never, never], "not quicker"],
    ["two seeds decide nothing", [early, early], "undecided"],
    ["above early, but falling below later", [dips, dips, dips], "not quicker"],
    ["in the same epoch", [sameEpoch, sameEpoch, sameEpoch], "not quicker"],
    ["the same curve", [scratchCurve, scratchCurve, scratchCurve], "not quicker"],
  ] as const)("%s", (_, curves, outcome) => {
    expect(reportConvergence(runs(...curves)).outcome).toBe(outcome);
  });
});

test("epochs, seconds with and without labelling, and areas of one seed", () => {
  const { perSeed, areaDifference } = reportConvergence(runs(early, early, early));
  const { distilledArea, scratchArea, ...row } = perSeed[0]!;
  expect(row).toEqual({
    seed: 0,
    target: 0.8,
    distilledEpoch: 2,
    scratchEpoch: 4,
    distilledSeconds: 4,
    distilledSecondsWithLabelling: 7,
    scratchSeconds: 8,
  });
  // trapezoids by hand: (0.6/2 + 0.81 + 0.82 + 0.83 + 0.84/2) / 4 and (0.5/2 + 0.6 + 0.7 + 0.8 +
  // 0.79/2) / 4
  expect(distilledArea).toBeCloseTo(0.795, 12);
  expect(scratchArea).toBeCloseTo(0.68625, 12);
  expect(areaDifference.mean).toBeCloseTo(0.10875, 12);
});

test("the sentence names what never happened", () => {
  expect(reportConvergence(runs(never, never, never)).sentence).toMatchInlineSnapshot(
    `"Not quicker: the distilled student needed fewer epochs than scratch in 0 of 3 seeds; it never stayed at scratch's best validation accuracy."`,
  );
  expect(reportConvergence(runs(early, early, never)).sentence).toMatchInlineSnapshot(
    `"Undecided: the distilled student needed fewer epochs than scratch in 2 of 3 seeds. It stays at or above scratch's best from epoch 2.0 on average in the 2 seeds that reach it; scratch gets there in epoch 4.0. Seconds: 4.0, with labelling 7.0, scratch 8.0."`,
  );
});

test("refuses runs that cannot be paired", () => {
  const made = runs(early, early, early);
  const refuse = (change: (run: (typeof made.runs)[number]) => object | null): (() => unknown) => {
    return () =>
      reportConvergence({
        ...made,
        runs: made.runs.flatMap((run) => {
          const changes = change(run);
          return changes === null ? [] : [{ ...run, ...changes }];
        }),
      });
  };
  expect(refuse(({ arm }) => (arm === "scratch" ? null : {}))).toThrow(
    "got seeds [0, 1, 2] and []",
  );
  expect(refuse(({ arm, seed }) => (arm === "distilled" && seed === 1 ? null : {}))).toThrow(
    "got seeds [0, 2] and [0, 1, 2]",
  );
  expect(refuse(() => ({ epochSeconds: [1] }))).toThrow("each epoch's seconds");
  expect(refuse(() => ({ epochSeconds: [], validationAccuracy: [] }))).toThrow(
    "at least one epoch",
  );
});
