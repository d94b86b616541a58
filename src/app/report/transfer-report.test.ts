/** @file The share of the loss that soft labels got back: worked by hand. */

import { expect, test } from "vitest";
import { arrayDataset } from "../../data/index.ts";
import type { TransferResult, TransferRow } from "../../distill/index.ts";
import { transferSection } from "./html/transfer-section.ts";
import type { Report } from "./report.ts";
import { reportTransfer } from "./transfer-report.ts";
import { transferSchema } from "./transfer-schema.ts";

const samples = 4;
const classNames = ["a", "b"];
const whole = arrayDataset({
  name: "whole",
  dtype: "uint8",
  shape: [1],
  data: new Uint8Array(8),
  labels: new Int32Array(8),
  classNames,
});

/** A student for each seed, right for all samples or for none. */
function row(system: TransferRow["system"], right: readonly boolean[]): TransferRow {
  const history = [{ validationAccuracy: 1 }];
  const runs = right.map((isRight, seed) => ({
    seed,
    job: { validationAccuracy: 1, history },
    testLogits: Float32Array.from({ length: 2 * samples }, (_, at) =>
      (at % 2 === 0) === isRight ? 1 : 0,
    ),
    trainAccuracy: null,
    bias: null,
  }));
  return { system, runs } as unknown as TransferRow; // the report reads no more of a job
}

function recovered(all: readonly boolean[]) {
  const students = [row("scratch", [false]), row("distilled", [true])];
  const rows = all.length === 0 ? students : [row("whole", all), ...students];
  const result: TransferResult = { options: { whole, withheld: [] }, rows };
  const testLabels = new Int32Array(samples);
  return reportTransfer(result, {
    testLabels,
    data: { classNames, trainSize: 4, unlabelledCount: 0 },
  }).recovered;
}

test("its interval is over the seeds of the students of all samples too", () => {
  // of five seeds drawn from 1 1 1 1 0, 33 % of draws have a mean of 1, the best; 5.8 % have 2/5 or
  // less, and 0.7 % 1/5 or less: the share is 1 over that
  const share = recovered([true, true, true, true, false])!;
  expect(share.mean).toBeCloseTo(1 / 0.8, 12); // float64 sums
  expect(share.low).toBeCloseTo(1, 12);
  expect(share.high).toBeCloseTo(1 / 0.4, 12);
});

test("with one seed of each nothing varies; without students of all samples there is no share", () => {
  expect(recovered([true])).toEqual({ mean: 1, low: 1, high: 1 });
  expect(recovered([])).toBe(null);
});

test("students of hard labels learned from the samples that have one", () => {
  const labels = Int32Array.of(0, 0, 0, 0, 0, -1, -1, -1);
  const rows = [row("whole", [true]), row("scratch", [true]), row("distilled", [true])];
  const { systems } = reportTransfer(
    { options: { whole: { ...whole, labels }, withheld: [] }, rows },
    {
      testLabels: new Int32Array(samples),
      data: { classNames, trainSize: 6, unlabelledCount: 2 },
    },
  );
  expect(systems.map(({ system, trainSize }) => [system, trainSize])).toEqual([
    ["whole", 5],
    ["scratch", 4],
    ["distilled", 6],
  ]);
});

test("of generated samples it is said that none of the data was seen", () => {
  const generated = { kind: "impressions", samples: 6 } as const;
  const options = { whole, withheld: [], labels: "none", generated } as const;
  const section = (rows: readonly TransferRow[], more: object = {}): string => {
    const context = {
      testLabels: new Int32Array(samples),
      data: { classNames, trainSize: 6, unlabelledCount: 6 },
    };
    const transfer = reportTransfer(
      { options: { ...options, ...more }, rows, distinct: 4 },
      context,
    );
    expect(transferSchema.parse(transfer)).toEqual(transfer);
    const models = { teacher: { classes: null } };
    // as: the section reads nothing else of a report
    return transferSection({ transfer, models } as Report)!.markup.split("</p>")[0]!;
  };
  expect(section([row("distilled", [true])])).toMatchInlineSnapshot(
    `"<p>The training part has 8 samples; the distilled student saw none of them, but 6 made from the teacher’s weights, with what the teacher says of those. Only 4 of these are different. What was chosen was chosen on the validation split, which is of real samples."`,
  );
  expect(section([row("whole", [true]), row("distilled", [true])])).toContain(
    "Beside it the same network with hard labels of the training part.",
  );
  const labels = Int32Array.of(0, 0, 0, 0, 0, -1, -1, -1);
  expect(section([row("whole", [true])], { whole: { ...whole, labels } })).toContain(
    "Beside it the same network with 5 hard labels of the training part.",
  );
});

// Hinton, Vinyals, Dean (2015): section 3 (test errors of 10,000, of 1010 3s; in percent), Table 5
test.each([
  ["without-3", { distilled: { accuracy: 0.9794, withheldAccuracy: 877 / 1010 } }],
  ["only-7-and-8", { distilled: { accuracy: 1 - 0.473 } }],
  [
    "three-percent",
    {
      whole: { trainAccuracy: 0.634, accuracy: 0.589 },
      scratch: { trainAccuracy: 0.673, accuracy: 0.445 },
      distilled: { trainAccuracy: 0.654, accuracy: 0.57 },
    },
  ],
] as const)("%s: the paper's figures stand beside the students that it has", (paper, figures) => {
  const names = ["whole", "scratch", "distilled"] as const;
  const rows = names.map((system) => row(system, [true]));
  const { systems } = reportTransfer(
    { options: { whole, withheld: [], paper }, rows },
    { testLabels: new Int32Array(samples), data: { classNames, trainSize: 4, unlabelledCount: 0 } },
  );
  const beside = Object.fromEntries(
    systems.flatMap(({ system, paper: figure }) => (figure === null ? [] : [[system, figure]])),
  );
  expect(beside).toMatchObject(figures);
  expect(Object.keys(beside)).toEqual(Object.keys(figures));
});
