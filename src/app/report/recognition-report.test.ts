/** @file Word errors in the report: counted by hand, and in the page, card and model card. */

import { describe, expect, it } from "vitest";
import type { RecognitionResult, RecognizedSystem } from "../../distill/index.ts";
import { buildReport } from "./build-report.ts";
import { renderCard } from "./card.ts";
import { renderHtml } from "./html/page.ts";
import { renderModelCard } from "./model-card.ts";
import { reportRecognition } from "./recognition-report.ts";
import { madeUpRun } from "./report.cases.ts";
import { parseReport } from "./write-report.ts";

const recordings = 40;
const weights = {
  languageModelWeight: 3,
  priorWeight: 0.6,
  acousticScale: 1,
  wordInsertionPenalty: -5,
};

/** Substitutions in the first recordings, one each, a deletion and an insertion in the last. */
function system(name: string, substitutions: number): RecognizedSystem {
  const errors = Array.from({ length: recordings }, (_, at) => ({
    words: 4 + (at % 3),
    substitutions: at < substitutions ? 1 : 0,
    deletions: at === recordings - 1 ? 1 : 0,
    insertions: at === recordings - 1 ? 1 : 0,
  }));
  return { name, weights, validationWordErrorRate: 0.125, errors };
}

const result = (teacher: number, members: readonly number[]): RecognitionResult => ({
  vocabulary: 12,
  teacher: system("teacher", teacher),
  teacherParts: members.map((count, at) => system(`teacher/member-${at + 1}`, count)),
  arms: [
    { arm: "distilled", runs: [system("distilled/seed-1", 15), system("distilled/seed-2", 20)] },
    { arm: "scratch", runs: [system("scratch/seed-1", 30), system("scratch/seed-2", 24)] },
  ],
});
const words = 199; // 13 × (4 + 5 + 6) + 4

describe("reportRecognition", () => {
  const report = reportRecognition(result(10, [30, 26]), "members");
  const { teacher, distilled, scratch, scratchAugmented } = report.models;

  it("counts errors by kind, over all recordings together", () => {
    expect([report.recordings, report.words, report.vocabulary]).toEqual([recordings, words, 12]);
    expect(teacher!.wordErrorRate.mean).toBeCloseTo(12 / words, 12);
    expect(teacher!.substitutions).toEqual({ mean: 10, perSeed: [10] });
    expect(distilled.wordErrorRate.perSeed).toEqual([17 / words, 22 / words]);
    expect(distilled.wordErrorRate.mean).toBeCloseTo(19.5 / words, 12);
    expect(distilled.substitutions).toEqual({ mean: 17.5, perSeed: [15, 20] });
    expect([distilled.deletions.mean, distilled.insertions.mean]).toEqual([1, 1]);
    expect(scratch!.wordErrorRate.mean).toBeCloseTo(29 / words, 12);
    expect(scratchAugmented).toBeNull();
    expect(distilled.decoder[1]).toEqual({ ...weights, validationWordErrorRate: 0.125 });
  });

  it("has an interval over recordings and seeds around the rate", () => {
    const { low, mean, high } = distilled.wordErrorRate;
    expect(low).toBeGreaterThan(0.04);
    expect(low).toBeLessThan(mean - 0.01);
    expect(high).toBeGreaterThan(mean + 0.01);
    expect(high).toBeLessThan(0.18);
  });

  it("says which share of the ensemble's gain the student kept", () => {
    const { gain, kept, sentence } = report.gain!;
    expect(gain.mean).toBeCloseTo((10 - 28) / words, 12);
    expect(kept!.mean).toBeCloseTo((17.5 - 28) / (10 - 28), 12);
    expect(sentence).toMatch(/^The teacher's word error rate is 9\.05 percentage points below its/);
    expect(sentence).toMatch(/The student keeps 58\.33 % of that gain \(.* % to .* %\)\.$/);
  });

  it.each([
    ["includes 0", 27, /: that interval includes 0, so the share .* is undefined\.$/],
    ["is a loss", 40, /above its members' mean .*: it is worse, so the share .* is undefined\.$/],
  ])("leaves the share undefined where the gain %s", (_, teacherErrors, sentence) => {
    const { gain } = reportRecognition(result(teacherErrors, [30, 24]), "members");
    expect(gain!.kept).toBeNull();
    expect(gain!.sentence).toMatch(sentence);
  });

  it("has no gain for a teacher of one part", () => {
    expect(reportRecognition(result(10, []), null).gain).toBeNull();
  });
});

describe("a report with words", () => {
  const run = madeUpRun();
  const report = parseReport(
    buildReport({ ...run, recognition: result(10, [30, 26]) }),
    "report.json",
  );

  it("passes through the published schema; without words it has none", () => {
    expect(report.recognition!.words).toBe(words);
    expect(buildReport(run).recognition).toBeNull();
  });

  it("is told on the page, in the terminal and in the model card", () => {
    const page = renderHtml(report);
    expect(page).toContain("Word errors on the test recordings, means over seeds");
    expect(page).toContain("Member 2");
    expect(renderHtml(buildReport(run))).not.toContain("Word errors");
    const card = renderCard(report);
    expect(card).toMatch(/^ +word errors +95 % interval +subst\. +deleted +inserted +words$/m);
    expect(card).toMatch(/^distilled +9\.80 % +\S+ +17\.5 +1\.0 +1\.0 +199$/m);
    expect(Math.max(...card.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(renderModelCard(report)).toContain("- Word error rate: 9.80 %");
  });
});
