/** @file Test samples that belong together: what is resampled, claimed and said. */

import { describe, expect, test } from "vitest";
import type { RecognitionResult, TransferResult, TransferRow } from "../../distill/index.ts";
import {
  bootstrapMean,
  bootstrapRatio,
  correctSamples,
  gainKept,
  pairedDifference,
} from "../../distill/metrics/index.ts";
import { buildReport } from "./build-report.ts";
import { renderCard } from "./card.ts";
import { renderHtml } from "./html/page.ts";
import type { ArmInput, ReportInput } from "./input.ts";
import { renderModelCard } from "./model-card.ts";
import { madeUpLogits, madeUpRun } from "./report.cases.ts";
import { parseReport } from "./write-report.ts";

const run = madeUpRun([1, 2, 3]);
const { testLabels } = run;
const arm = (name: string): ArmInput => run.arms.find((each) => each.arm === name)!;
const logitsOf = ({ perSeed }: ArmInput): Float32Array[] =>
  perSeed.map(({ testLogits }) => testLogits);
const hits = (logits: readonly Float32Array[]): Uint8Array[] =>
  logits.map((scores) => correctSamples(scores, testLabels));

/** 500 samples of 25 speakers, 20 each. */
const speakers = Array.from(testLabels, (_, at) => `speaker ${Math.floor(at / 20)}`);
const members = [0, 1].map((m) => ({
  name: `member ${m}`,
  testLogits: madeUpLogits(testLabels, 0.8, 2, "member", m),
}));
const transferRows = (["whole", "scratch", "distilled"] as const).map((system): TransferRow => {
  const runs = [0.97, 0.96].map((accuracy, seed) => ({
    seed,
    job: { validationAccuracy: 1, history: [{ validationAccuracy: 1 }] },
    testLogits: madeUpLogits(testLabels, system === "scratch" ? 0.7 : accuracy, 2, system, seed),
    trainAccuracy: null,
    bias: null,
  }));
  return { system, runs } as unknown as TransferRow; // the report reads no more of a job
});
const transfer = {
  options: { whole: { length: 4000, labels: new Int32Array(4000) }, withheld: [3] },
  rows: transferRows,
} as unknown as TransferResult; // nor of the data
/** 50 recordings, two of each speaker. */
const words = (errors: number) => ({
  name: "",
  weights: { languageModelWeight: 1, priorWeight: 1, acousticScale: 1, wordInsertionPenalty: 0 },
  validationWordErrorRate: 0,
  errors: Array.from({ length: 50 }, (_, at) => ({
    words: 4,
    substitutions: at < errors ? 2 : 0,
    deletions: 0,
    insertions: 0,
  })),
});
const recognition: RecognitionResult = {
  vocabulary: 9,
  teacher: words(5),
  teacherParts: [words(20), words(25)],
  arms: [{ arm: "distilled", runs: [words(8), words(9), words(10)] }],
};
const spoken: ReportInput = {
  ...run,
  testGroups: speakers,
  recordingGroups: Array.from({ length: 50 }, (_, at) => `speaker ${Math.floor(at / 2)}`),
  teacherParts: { kind: "ensemble", combine: "geometric", weights: null, members },
  transfer,
  recognition,
};

describe("with groups", () => {
  const report = buildReport(spoken);
  const options = { seed: 0, groups: speakers };

  test("every interval is over groups, and every difference is paired", () => {
    const { models, comparisons, ensemble } = report;
    const [distilled, scratch] = [hits(logitsOf(arm("distilled"))), hits(logitsOf(arm("scratch")))];
    expect(models.distilled.test.accuracy).toMatchObject(bootstrapMean(distilled, options));
    const teacher = hits(run.teacher.testLogits);
    expect(models.teacher.test.accuracy).toMatchObject(bootstrapMean(teacher, options));
    const { mean: diff, low, high } = pairedDifference(distilled, scratch, options);
    expect(comparisons.distilledVsScratch).toMatchObject({ diff, low, high });
    const baseline = hits(members.map(({ testLogits }) => testLogits));
    const kept = gainKept({ baseline, ensemble: teacher[0]!, students: distilled }, options);
    expect(kept.kept).not.toBeNull();
    expect([ensemble!.gain, ensemble!.kept]).toEqual([kept.gain, kept.kept]);
  });

  test("so are those of students that saw less, and of a class that was withheld", () => {
    const { systems, recovered } = report.transfer!;
    const [all, scratch, own] = transferRows.map((row) =>
      hits(row.runs.map(({ testLogits }) => testLogits)),
    );
    const counts = { baseline: scratch!, ensemble: all!, students: own! };
    expect(recovered).toEqual(gainKept(counts, options).kept);
    expect(systems[2]!.accuracy).toMatchObject(bootstrapMean(own!, options));
    const part = [...testLabels.keys()].filter((at) => testLabels[at] === 3);
    const groups = part.map((at) => speakers[at]!);
    const withheld = own!.map((row) => part.map((at) => row[at]!));
    expect(systems[2]!.withheldAccuracy).toEqual(bootstrapMean(withheld, { seed: 0, groups }));
  });

  test("so are word errors, where a speaker has several recordings", () => {
    const { models, gain } = report.recognition!;
    const grouped = { seed: 0, groups: spoken.recordingGroups };
    const counts = (system: { errors: readonly { substitutions: number }[] }): number[] =>
      system.errors.map(({ substitutions }) => substitutions);
    const rows = recognition.arms[0]!.runs.map(counts);
    const sizes = new Array<number>(50).fill(4);
    expect(models.distilled.wordErrorRate).toMatchObject(bootstrapRatio(rows, sizes, grouped));
    const found = gainKept(
      {
        baseline: recognition.teacherParts.map(counts),
        ensemble: counts(recognition.teacher!),
        students: rows,
        sizes,
      },
      { ...grouped, lowerIsBetter: true },
    );
    expect([gain!.gain, gain!.kept]).toEqual([found.gain, found.kept]);
  });

  test("the page, the terminal, the model card and report.json say over how many", () => {
    expect(parseReport(JSON.parse(JSON.stringify(report)), "report.json").testGroups).toBe(25);
    expect(report.verdict.sentence).toMatch(/\(over 3 seeds and 25 groups of test samples\)\.$/);
    const note = "95 % intervals are over seeds and 25 groups of test samples, such as speakers";
    for (const text of [renderHtml(report), renderCard(report), renderModelCard(report)])
      expect(text.replace(/\s+/g, " ").replaceAll("&nbsp;", " ")).toContain(note);
    const page = renderHtml(report).replace(/\s+/g, " ");
    expect(page).toContain("resamples seeds and 25 groups of test samples (2000 resamples)");
    expect(page).toContain("resamples seeds and 25 groups of recordings (2000 resamples)");
    expect(renderModelCard(report)).toContain("bootstrap over seeds and 25 groups of test samples");
  });

  test("a gain in one group of ten is no gain that others would have", () => {
    const ten = Array.from(testLabels, (_, at) => String(Math.floor(at / 50)));
    const right = (groups: number): Float32Array =>
      Float32Array.from({ length: 5000 }, (_, at) => {
        const sample = Math.floor(at / 10);
        const named = Number(ten[sample]) < groups ? testLabels[sample] : testLabels[sample]! + 1;
        return Number(at % 10 === named! % 10);
      });
    const with_ = (name: string, groups: number): ArmInput => ({
      ...arm(name),
      perSeed: arm(name).perSeed.map((each) => ({ ...each, testLogits: right(groups) })),
    });
    const input = { ...run, arms: [with_("distilled", 6), with_("scratch", 5)] };
    expect(buildReport(input).verdict.outcome).toBe("helped");
    const grouped = buildReport({ ...input, testGroups: ten });
    expect(grouped.verdict.outcome).toBe("no-measurable-difference");
    expect(grouped.comparisons.distilledVsScratch).toMatchObject({ diff: 0.1, low: 0 });
  });
});

describe("with too few groups", () => {
  const two = (count: number): string[] => Array.from({ length: count }, (_, at) => `${at % 2}`);
  const input = { ...spoken, testGroups: two(500), recordingGroups: two(50) };
  const report = parseReport(JSON.parse(JSON.stringify(buildReport(input))), "report.json");

  test("nothing is claimed, and no interval is given", () => {
    const { verdict, models, comparisons, ensemble, transfer: seen, recognition: heard } = report;
    expect(verdict.outcome).toBe("too-few-groups");
    expect(verdict.sentence).toMatch(
      /^Too few groups: not a result: .* points \(over 3 seeds; no interval from 2 groups of test samples\)\.$/,
    );
    const none = { low: null, high: null };
    expect(models.distilled.test.accuracy).toMatchObject(none);
    expect(comparisons.distilledVsScratch).toMatchObject(none);
    expect(seen!.systems[0]!.accuracy).toMatchObject(none);
    expect(heard!.models.distilled.wordErrorRate).toMatchObject(none);
    for (const gain of [ensemble!, heard!.gain!]) {
      expect([gain.gain.low, gain.kept]).toEqual([null, null]);
      expect(gain.sentence).toMatch(/too few groups for an interval, so the share .* undefined\.$/);
    }
    expect(seen!.recovered).toBeNull();
    expect(models.distilled.test.accuracy.mean).toBe(
      buildReport(run).models.distilled.test.accuracy.mean,
    );
  });

  test("every rendering says so in words, and shows no number in its place", () => {
    for (const text of [renderHtml(report), renderCard(report), renderModelCard(report)]) {
      expect(text.replace(/\s+/g, " ")).toContain("too few for an interval, so none is given");
      expect(/undefined(?!\.|<)|NaN|null|\[object/.exec(text)).toBeNull();
    }
    expect(renderHtml(report)).not.toMatch(/resamples seeds|95(&nbsp;| )% interval –/);
    expect(renderModelCard(report)).toContain("(no interval) of 200 words in 50 recordings");
    for (const line of renderCard(report).split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("a single seed stays a single seed", () => {
    const { verdict } = buildReport({ ...madeUpRun([1]), testGroups: two(500) });
    expect(verdict.outcome).toBe("single-seed");
    expect(verdict.sentence).toMatch(
      /\(over 1 seed; no interval from 2 groups of test samples\)\.$/,
    );
  });

  test("few groups are said to be few", () => {
    const five = Array.from(testLabels, (_, at) => `${at % 5}`);
    const text = renderModelCard(buildReport({ ...run, testGroups: five }));
    expect(text).toContain(
      "over seeds and 5 groups of test samples, such as speakers or recordings: so few",
    );
  });
});

test("reports without groups, and older ones, which do not name them, are as they were", () => {
  const report = buildReport(run);
  expect(report.testGroups).toBeNull();
  expect(buildReport({ ...run, testGroups: null })).toEqual(report);
  const { testGroups: _, models, ...rest } = report;
  const { isSigmoid: __, ...teacher } = models.teacher;
  const older = { ...rest, models: { ...models, teacher } };
  const read = parseReport(JSON.parse(JSON.stringify(older)), "report.json");
  expect(read).toEqual(report);
  for (const text of [renderHtml(read), renderCard(read), renderModelCard(read)])
    expect(text).not.toContain("groups");
});
