/**
 * @file The recipes whose teacher is an ensemble, a generalist with specialists, or knows a class
 * that its student never sees: each run once from its file, with hardly any training.
 */

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parseReport, type Report } from "../../src/app/report/index.ts";
import { potstill, useFolder } from "../support/command-line.ts";

const folder = useFolder();
const student = [
  "student.hidden=[8]",
  "training.epochs=1",
  "seeds=[1]",
  "arms=[distilled,scratch]",
];
const small = "{ family: mlp, hidden: [8] }";

interface Run {
  readonly report: Report;
  readonly html: string;
  readonly stdout: string;
}

async function run(recipe: string, ...words: readonly string[]): Promise<Run> {
  const file = resolve("recipes", `${recipe}.yaml`);
  const { code, stdout, stderr } = await potstill(
    folder.path,
    ...["distill", file, "name=run", ...words, ...student],
  );
  expect({ code, errors: stderr.match(/error \[.*/g) }).toEqual({ code: 0, errors: null });
  const text = (name: string): string =>
    readFileSync(join(folder.path, "runs/run-1", name), "utf8");
  const report = parseReport(JSON.parse(text("report.json")), "report.json");
  return { report, html: text("report.html"), stdout };
}

/** A share of the gain is there exactly if the gain is clear of 0; the sentence says which. */
function assertKept(gained: NonNullable<Report["ensemble"] | Report["specialists"]>): void {
  const { baseline, teacher, students, gain, kept, sentence } = gained;
  expect(gain.mean).toBeCloseTo(teacher.mean - baseline.mean, 12); // float64 sums
  expect(kept !== null).toBe(gain.low! > 0);
  if (kept !== null) expect(kept.mean).toBeCloseTo((students.mean - baseline.mean) / gain.mean, 9); // a quotient
  expect(sentence).toMatch(
    kept === null ? /share of the gain .* is undefined\.$/ : /The student keeps .* of that gain/,
  );
}

test("ensemble.yaml: members, their weights and the share that the student keeps", async () => {
  const { report, html, stdout } = await run(
    "ensemble",
    ...["teacher.ensemble.0.train.members=2", `teacher.ensemble.0.train.network=${small}`],
    ...["teacher.ensemble.0.train.training.epochs=1", "labels.views=1"],
    "tuning.learningRates=[0.01]",
  );
  const { ensemble, models } = report;
  const { members, combine, over } = ensemble!;
  expect([combine, over]).toEqual(["arithmetic", "members"]);
  expect(members.map(({ name }) => name)).toEqual(["mlp 196-8-10", "mlp 196-8-10"]);
  expect(members.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
  expect(members[0]!.weight).not.toBeCloseTo(0.5, 3); // chosen on validation
  const [first, second] = members.map(({ accuracy }) => accuracy);
  expect(ensemble!.baseline.mean).toBeCloseTo((first! + second!) / 2, 12);
  expect(ensemble!.teacher.mean).toBeCloseTo(models.teacher.test.accuracy.mean, 12);
  expect(ensemble!.students.mean).toBeCloseTo(models.distilled.test.accuracy.mean, 12);
  assertKept(ensemble!);
  for (const name of ["1. mlp 196-8-10", "2. mlp 196-8-10"]) expect(html).toContain(name);
  expect(stdout).toMatch(/^Ensemble\. The teacher is /m);
});

test("specialists.yaml: what they know of their classes, and how many are asked", async () => {
  const at = "teacher.specialists";
  const { report, html, stdout } = await run(
    "specialists",
    ...[`${at}.generalist.train.network=${small}`, `${at}.generalist.train.training.epochs=2`],
    ...[`${at}.count=2`, `${at}.training.epochs=1`],
  );
  const { sets, conditional, coverage } = report.specialists!;
  expect(sets.map((set) => set.length)).toEqual([4, 4]);
  expect(coverage.map(({ specialists }) => specialists)).toEqual([...coverage.keys()]);
  expect(coverage.reduce((sum, { cases }) => sum + cases, 0)).toBe(report.data.testSize);
  const asked = coverage.reduce((sum, { specialists, cases }) => sum + specialists * cases, 0);
  expect(conditional.cases).toBe(asked);
  // where only a specialist's classes are asked for, one trained on these is better
  expect(conditional.withSpecialists!).toBeGreaterThan(conditional.generalist!);
  const { baseline, teacher } = report.specialists!;
  const changed = coverage.reduce((sum, { change }) => sum + change, 0);
  expect(changed).toBeCloseTo((teacher.mean - baseline.mean) * report.data.testSize, 9);
  assertKept(report.specialists!);
  expect(html).toContain("Overall, and among each specialist’s classes alone");
  expect(html).toContain("By the number of specialists that cover the true class");
  expect(stdout).toMatch(/^Specialists\. The teacher is /m);
});

test("withheld-class.yaml: a student that never saw a 3, beside Hinton et al. (2015), section 3", async () => {
  const { report, html, stdout } = await run(
    "withheld-class",
    ...[`teacher.train.network=${small}`, "teacher.train.training={ epochs: 1 }"],
  );
  const { withheld, systems, transferSize, wholeSize, paper } = report.transfer!;
  expect([withheld, paper]).toEqual([["3"], "without-3"]);
  expect(systems.map(({ system, isCorrected }) => [system, isCorrected])).toEqual([
    ["whole", false],
    ["scratch", false],
    ["scratch", true],
    ["distilled", false],
    ["distilled", true],
  ]);
  expect(transferSize).toBeLessThan(wholeSize);
  const [whole, scratch, , distilled, corrected] = systems;
  expect(scratch!.withheldAccuracy!.mean).toBe(0); // nobody told it of 3s
  expect([whole!.trainSize, scratch!.trainSize]).toEqual([wholeSize, transferSize]);
  expect(corrected!.bias).not.toBeNull();
  // "206 test errors of which 133 are on the 1010 threes"; with the bias raised "109 errors of
  // which 14 are on 3s" (of 10,000)
  expect([whole!.paper, scratch!.paper]).toEqual([null, null]);
  expect(distilled!.paper).toMatchObject({ accuracy: 0.9794, withheldAccuracy: 877 / 1010 });
  expect(corrected!.paper).toMatchObject({ accuracy: 0.9891, withheldAccuracy: 996 / 1010 });
  expect(stdout).toMatch(/^soft labels {2,}[\d,]+ .* 97\.94 %$/m);
  expect(stdout).toMatch(/^soft labels, biases corrected .* 98\.91 %$/m);
  for (const cell of ["97.94 %", "86.83 %", "98.91 %", "98.61 %"])
    expect(html).toContain(`>${cell}<`);
});
