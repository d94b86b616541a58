/** @file Members, specialists and the share of their gain in report.json, page and cards. */

import { expect, test } from "vitest";
import { accuracy } from "../../distill/metrics/index.ts";
import { buildReport } from "./build-report.ts";
import { renderCard } from "./card.ts";
import { renderHtml } from "./html/page.ts";
import type { ReportInput } from "./input.ts";
import { renderModelCard } from "./model-card.ts";
import { madeUpLogits, madeUpRun } from "./report.cases.ts";
import { parseReport } from "./write-report.ts";

const run = madeUpRun();
const { testLabels } = run;
const member = (m: number, right: number, name: string) => ({
  name,
  testLogits: madeUpLogits(testLabels, right, 2, "member", m),
});
const ensembleOf = (
  right: number,
  name: string,
  weights: readonly number[] | null,
): ReportInput => ({
  ...run,
  teacherParts: {
    kind: "ensemble",
    combine: "geometric",
    weights,
    members: [0, 1, 2].map((m) => member(m, right, name)),
  },
});
const read = (input: ReportInput) => {
  const report = buildReport(input);
  return parseReport(JSON.parse(JSON.stringify(report)), "report.json");
};

test("members other than the student: each one's accuracy, and the gain over their mean", () => {
  const input = ensembleOf(0.9, "mlp 196-600-10", [2, 1, 1]);
  const { ensemble, specialists, models } = read(input);
  expect(specialists).toBe(null);
  expect(ensemble!.over).toBe("members");
  expect(ensemble!.members.map(({ weight }) => weight)).toEqual([0.5, 0.25, 0.25]);
  const own = [0, 1, 2].map((m) => accuracy(member(m, 0.9, "").testLogits, testLabels));
  expect(ensemble!.members.map((each) => each.accuracy)).toEqual(own);
  const mean = own.reduce((sum, value) => sum + value, 0) / 3;
  expect(ensemble!.baseline.mean).toBeCloseTo(mean, 12);
  const [student, teacher] = [models.distilled, models.teacher].map((m) => m.test.accuracy.mean);
  expect(ensemble!.kept!.mean).toBeCloseTo((student! - mean) / (teacher! - mean), 12);
  expect(ensemble!.kept!.low).toBeLessThan(ensemble!.kept!.mean);
});

test("members named as the student is may be trained otherwise: the baseline is theirs", () => {
  const [other, own] = ["mlp 196-600-10", "mlp 196-32-10"].map(
    (name) => read(ensembleOf(0.9, name, null)).ensemble!,
  );
  expect(own).toEqual({
    ...other,
    members: other!.members.map((each) => ({ ...each, name: "mlp 196-32-10" })),
  });
});

test("a teacher that is clearly worse than its members has no gain to keep a share of", () => {
  const report = buildReport(ensembleOf(1, "mlp 196-600-10", null));
  const { gain, kept, sentence } = report.ensemble!;
  expect(gain.high).toBeLessThan(0);
  expect(kept).toBe(null);
  expect(sentence).toMatch(/^The teacher is worse than its members' mean, by −\d.*is undefined\.$/);
  expect(renderHtml(report)).toContain("the teacher is worse");
});

test("a gain that may be none: the share is undefined, and that is said everywhere", () => {
  const teacher = run.teacher.testLogits[0]!;
  const report = buildReport({
    ...run,
    teacherParts: {
      kind: "ensemble",
      combine: "arithmetic",
      weights: null,
      members: [
        { name: "a", testLogits: teacher },
        { name: "b", testLogits: teacher },
      ],
    },
  });
  expect(report.ensemble!.kept).toBe(null);
  for (const text of [renderHtml(report), renderModelCard(report), renderCard(report)])
    expect(text.replace(/\s+/g, " ")).toContain("student keeps is undefined");
});

test("specialists: both tables, and the gain over the generalist", () => {
  const sets = [
    [0, 1, 2],
    [2, 3],
  ];
  const generalist = member(7, 0.85, "mlp 196-64-10");
  const input = { ...run, teacherParts: { kind: "specialists", generalist, sets } as const };
  const { specialists } = read(input);
  expect(specialists!.sets).toEqual([
    ["zero", "one", "two"],
    ["two", "three"],
  ]);
  expect(specialists!.conditional.cases).toBe(250);
  expect(specialists!.coverage.map((row) => [row.specialists, row.cases])).toEqual([
    [0, 300],
    [1, 150],
    [2, 50],
  ]);
  const changes = specialists!.coverage.reduce((sum, { change }) => sum + change, 0);
  expect(changes / 500).toBeCloseTo(specialists!.gain.mean, 12);
  const page = renderHtml(buildReport(input));
  expect(page).toContain('id="teacher-parts"');
  expect(page).toContain("By the number of specialists");
});

test("a teacher of one part has no such section", () => {
  const report = buildReport(run);
  expect([report.ensemble, report.specialists]).toEqual([null, null]);
  expect(renderHtml(report)).not.toContain('id="teacher-parts"');
});
