/**
 * @file Built-in digits: a model of 0 to 4 learns 5 to 9 without an old sample. With the old
 * model's soft labels it keeps what it knew; by hard labels alone it forgets.
 */

import { afterAll, beforeAll, expect, test } from "vitest";
import { classSection } from "../../src/app/report/html/class-section.ts";
import { explorerSection } from "../../src/app/report/html/explorer-section.ts";
import { transferSection } from "../../src/app/report/html/transfer-section.ts";
import { buildReport, type Report, renderCard, reportInput } from "../../src/app/report/index.ts";
import { type Dataset, onlyClasses, splitDataset, subset } from "../../src/data/index.ts";
import { loadDigits } from "../../src/data/sources/index-node.ts";
import {
  type DistillOptions,
  type DistillResult,
  runDistillation,
} from "../../src/distill/index.ts";
import { accuracy } from "../../src/distill/metrics/index.ts";
import { finish } from "../../src/distill/small-problem.cases.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";

/** in an order of their own: columns are found by name */
const old = ["4", "0", "1", "3", "2"];
const network = { family: "mlp", hidden: [48] } as const;

let runtime: Runtime;
let result: DistillResult;
let report: Report;
let data: DistillOptions["data"];

beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  const digits = await loadDigits();
  const firsts = (part: Dataset, count: number, name: string): Dataset =>
    subset(
      part,
      Int32Array.from({ length: count }, (_, at) => at),
      name,
    );
  const split = splitDataset(firsts(digits.train, 2500, "digits"), { seed: 1, validation: 0.2 });
  const isNew = (at: number): boolean => split.train.labels[at]! >= 5;
  const news = [...split.train.labels.keys()].filter(isNew);
  const { validation } = split;
  const test = firsts(digits.test, 1000, "digits/test");
  data = { train: subset(split.train, news, "5 to 9"), validation, test };
  const options: DistillOptions = {
    runtime,
    data,
    teacher: {
      kind: "train",
      teacher: {
        network,
        training: { epochs: 12, batchSize: 64, learningRate: 0.003 },
        data: split.train,
      },
    },
    teacherClasses: old,
    start: "teacher",
    student: network,
    training: {
      epochs: 20,
      batchSize: 32,
      learningRate: 0.01,
      keep: "last",
      hardClasses: "seen",
    },
    distillation: { temperature: 2, softWeight: 10, hardWeight: 1 },
    transfer: { whole: split.train, withheld: [0, 1, 2, 3, 4], biasCorrection: "shared" },
    seeds: [1, 2],
    arms: ["distilled", "scratch"],
    createdBy: "test",
  };
  result = (await finish(runDistillation(options))).value;
  report = buildReport(
    await reportInput(result, {
      title: "lifelong",
      createdBy: { version: "1", runtime: "r", runtimeVersion: "1", threads: 1 },
      recipe: {},
      commandLine: "distill",
      dataName: "digits",
      dataHash: "0",
      parts: data,
      studentFile: "student.onnx",
    }),
  );
}, 60_000);
afterAll(() => runtime.close());

const systemOf = (system: string, isCorrected: boolean) =>
  report.transfer!.systems.find(
    (each) => each.system === system && each.isCorrected === isCorrected,
  )!;

test("soft labels of the old model keep the old classes; hard labels alone lose them", () => {
  // wide margins: properties, no fine numbers
  for (const isCorrected of [false, true]) {
    const [taught, alone] = [systemOf("distilled", isCorrected), systemOf("scratch", isCorrected)];
    expect(taught.withheldAmong!.mean).toBeGreaterThan(alone.withheldAmong!.mean + 0.03);
    expect(taught.withheldAccuracy!.mean).toBeGreaterThan(alone.withheldAccuracy!.mean + 0.06);
    expect(taught.accuracy.mean).toBeGreaterThan(alone.accuracy.mean + 0.02);
  }
  expect(systemOf("distilled", true).withheldAmong!.mean).toBeGreaterThan(0.9);
  expect(systemOf("distilled", false).shownAccuracy!.mean).toBeGreaterThan(0.8); // the new ones are learned
});

test("parts of the test split, and old classes among themselves, are counted as by hand", () => {
  const { runs } = result.transfer!.rows.at(-1)!;
  const of = (isOld: boolean) =>
    [...data.test.labels.keys()].filter((at) => data.test.labels[at]! < 5 === isOld);
  const share = (samples: readonly number[], classes: readonly number[]): number => {
    const hits = runs.flatMap(({ testLogits }) =>
      samples.filter((at) => {
        const row = classes.map((label) => testLogits[10 * at + label]!);
        return classes[row.indexOf(Math.max(...row))] === data.test.labels[at];
      }),
    );
    return hits.length / (samples.length * runs.length);
  };
  const [all, five] = [10, 5].map((count) => Array.from({ length: count }, (_, at) => at));
  const last = report.transfer!.systems.at(-1)!;
  expect(last.withheldAccuracy!.mean).toBeCloseTo(share(of(true), all!), 12);
  expect(last.shownAccuracy!.mean).toBeCloseTo(share(of(false), all!), 12);
  expect(last.withheldAmong!.mean).toBeCloseTo(share(of(true), five!), 12);
});

test("the teacher's numbers are of its own classes, and the report says so", () => {
  const { teacher, distilled } = report.models;
  const own = onlyClasses(data.test, old);
  expect(teacher.classes).toEqual({ names: old, testSize: own.length });
  expect(teacher.test.perClass.map(({ name }) => name)).toEqual(old);
  expect(teacher.test.accuracy.mean).toBeGreaterThan(0.9);
  const logits = result.teacherTestLogits!; // it was trained here
  const known = [...data.test.labels.keys()].filter((at) => data.test.labels[at]! < 5);
  const rows = Float32Array.from(known.flatMap((at) => [...logits.subarray(5 * at, 5 * at + 5)]));
  expect(teacher.test.accuracy.mean).toBeCloseTo(accuracy(rows, own.labels), 12);
  expect(distilled.toTeacher.agreement.mean).toBeGreaterThan(0.8);
  expect(distilled.test.perClass).toHaveLength(10);
  const { transferSize } = report.transfer!;
  expect(transferSection(report)!.markup).toContain(
    `the students saw ${transferSize.toLocaleString("en")}, all of new classes`,
  );
  const card = renderCard(report);
  expect(card.replace(/\s+/g, " ")).toContain(
    `The teacher knows 4, 0, 1, 3, 2 alone: its numbers are of the ${own.length} test samples of these classes (of 1000)`,
  );
  expect(card).toMatch(/samples +accuracy +old +new/);
});

test("pictures of the teacher name its own classes, in its order", () => {
  const names = old.map((name) => `class ${name}`);
  const { teacher } = report.models;
  const classes = { ...teacher.classes!, names };
  const named = { ...report, models: { ...report.models, teacher: { ...teacher, classes } } };
  const explorer = explorerSection(named)!.markup;
  for (const { distributions } of report.explorer) {
    const shares = distributions[0]!.probabilities; // at T = 1
    const best = names[shares.indexOf(Math.max(...shares))];
    expect(explorer).toContain(`teacher at T = 1: ${best} `);
  }
  // labelled before its picture, and by a caption after it
  const matrix = classSection(named).markup.split("Teacher: mistakes").slice(1).join("");
  const ticks = new Set([...matrix.matchAll(/>(class \d)</g)].map(([, name]) => name));
  expect([...ticks].sort()).toEqual([...names].sort());
});
