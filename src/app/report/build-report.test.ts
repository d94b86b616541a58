import { describe, expect, test } from "vitest";
import { accuracy, agreement, klToTeacher } from "../../distill/metrics/index.ts";
import {
  buildReport,
  type Comparison,
  parseReport,
  type ReportInput,
  renderCard,
  renderHtml,
  renderModelCard,
  type Tuning,
} from "./index.ts";
import { madeUpRun } from "./report.cases.ts";
import { judge } from "./verdict.ts";

const input = madeUpRun();
const report = buildReport(input);
const { testLabels } = input;
const sum = (values: readonly number[]): number => values.reduce((total, v) => total + v, 0);

describe("numbers add up", () => {
  const models = Object.entries(report.models).flatMap(([name, model]) =>
    model === null ? [] : [{ name, model }],
  );

  test.each(models)("$name", ({ model: { test: results, bytes, compressionRatio } }) => {
    const runs = results.accuracy.perSeed.length;
    expect(sum(results.confusion.flat())).toBe(testLabels.length * runs);
    const right = sum(results.confusion.map((row, c) => row[c]!));
    expect(testLabels.length * runs - right).toBe(sum(results.errors.perSeed));
    results.errors.perSeed.forEach((errors, s) => {
      expect(errors).toBeCloseTo(testLabels.length * (1 - results.accuracy.perSeed[s]!), 9);
    });
    expect(results.accuracy.mean).toBeCloseTo(sum(results.accuracy.perSeed) / runs, 12);
    expect(results.accuracy.low).toBeLessThan(results.accuracy.mean);
    expect(results.accuracy.high).toBeGreaterThan(results.accuracy.mean);
    expect(sum(results.perClass.map(({ support }) => support))).toBe(testLabels.length * runs);
    expect(sum(results.calibration.bins.map(({ count }) => count))).toBe(testLabels.length * runs);
    expect(results.topK.k).toBe(5);
    expect(compressionRatio).toBeCloseTo(report.models.teacher.bytes! / bytes!, 12);
  });

  test("per seed, from the logits of that seed and its teacher", () => {
    const arm = input.arms[0]!;
    arm.perSeed.forEach(({ testLogits }, s) => {
      const { test: results, toTeacher } = report.models.distilled;
      expect(results.accuracy.perSeed[s]).toBe(accuracy(testLogits, testLabels));
      expect(toTeacher.agreement.perSeed[s]).toBe(
        agreement(testLogits, input.teacher.testLogits[0]!, testLabels.length),
      );
    });
  });

  test("a teacher for each seed is compared with its own students", () => {
    const own = input.arms[0]!.perSeed.map(({ testLogits }) => testLogits);
    const { models } = buildReport({ ...input, teacher: { ...input.teacher, testLogits: own } });
    expect(models.distilled.toTeacher.agreement.mean).toBe(1);
    expect(models.distilled.toTeacher.klNats.mean).toBeCloseTo(0, 12);
    expect(models.scratch!.toTeacher.agreement.mean).toBeLessThan(1);
  });

  test("a teacher of independent classes: its distance class by class, its opinion of each class", () => {
    const independent = buildReport({ ...input, teacher: { ...input.teacher, isSigmoid: true } });
    const taught = input.teacher.testLogits[0]!;
    expect(independent.models.distilled.toTeacher.klNats.perSeed).toEqual(
      input.arms[0]!.perSeed.map(({ testLogits }) =>
        klToTeacher(testLogits, taught, testLabels.length, { isSigmoid: true }),
      ),
    );
    const { distributions } = independent.explorer[0]!;
    const logits = [...input.explorer[0]!.teacherLogits];
    for (const { temperature, probabilities } of distributions)
      for (const [c, z] of logits.entries())
        expect(probabilities[c]).toBeCloseTo(1 / (1 + Math.exp(-z / temperature)), 12);
    expect(renderHtml(independent)).toContain("each class by itself");
    expect(renderHtml(report)).not.toContain("each class by itself");
    const read = parseReport(JSON.parse(JSON.stringify(independent)), "report.json");
    expect(renderHtml(read)).toBe(renderHtml(independent));
  });

  test("differences are distilled minus the other", () => {
    const { distilledVsScratchAugmented } = report.comparisons;
    const distilledVsScratch = report.comparisons.distilledVsScratch!; // it was run
    const { distilled, scratch } = report.models;
    const expected = distilled.test.accuracy.mean - scratch!.test.accuracy.mean;
    expect(distilledVsScratch.diff).toBeCloseTo(expected, 12);
    expect(expected).toBeGreaterThan(0);
    expect(distilledVsScratch.low).toBeLessThan(distilledVsScratch.diff);
    expect(sum(distilledVsScratch.perSeed) / 5).toBeCloseTo(expected, 12);
    expect(distilledVsScratchAugmented!.diff).toBeLessThan(expected);
  });

  test("the explorer's distributions are softmax(logits / T), flatter as T rises", () => {
    const { distributions, label, image } = report.explorer[0]!;
    expect(label).toBe("zero");
    expect(image).toMatch(/^data:image\/png;base64,/);
    expect(distributions.map(({ temperature }) => temperature)).toEqual([1, 2, 4, 8, 20]);
    const tops = distributions.map(({ probabilities }) => Math.max(...probabilities));
    expect([...tops].sort((a, b) => b - a)).toEqual(tops);
    const logits = [...input.explorer[0]!.teacherLogits];
    const weights = logits.map((z) => Math.exp(z / 4));
    const atFour = distributions[2]!.probabilities;
    // float64 on both sides, additions in another order
    for (const [c, w] of weights.entries()) expect(atFour[c]).toBeCloseTo(w / sum(weights), 12);
  });
});

describe("verdict", () => {
  const means = { distilled: 0.9, scratch: 0.88 };
  const of = (low: number, high: number, seeds = 5): string => {
    const comparison: Comparison = { diff: (low + high) / 2, low, high, perSeed: [] };
    return judge(comparison, means, seeds).outcome;
  };

  test("needs the whole interval on one side of zero", () => {
    expect(of(0.001, 0.02)).toBe("helped");
    expect(of(-0.02, -0.001)).toBe("hurt");
    expect(of(-0.001, 0.02)).toBe("no-measurable-difference");
    expect(of(0, 0.02)).toBe("no-measurable-difference");
    expect(of(-0.02, 0)).toBe("no-measurable-difference");
  });

  test("a single seed is no result, however clear", () => {
    expect(of(0.1, 0.2, 1)).toBe("single-seed");
    const single = buildReport(madeUpRun([3]));
    expect(single.verdict.outcome).toBe("single-seed");
    expect(single.verdict.sentence).toMatch(/^Single seed: not a result: /);
  });

  test("says what happened, with numbers", () => {
    const comparison = { diff: 0.02, low: -0.0012, high: 0.0412, perSeed: [] };
    expect(judge(comparison, means, 5).sentence).toMatchInlineSnapshot(
      `"Distillation made no measurable difference: 90.00 % against 88.00 % from scratch: +2.00 percentage points, 95 % interval −0.12 to +4.12 (over 5 seeds and the test samples)."`,
    );
    expect(report.verdict.outcome).toBe("helped");
  });

  test("without a student from scratch nothing is claimed, in any rendering", () => {
    const [distilled, , , smoothed] = input.arms;
    const alone = buildReport({ ...input, arms: [distilled!] });
    expect(alone.verdict).toMatchInlineSnapshot(`
      {
        "outcome": "not-compared",
        "sentence": "Not compared with a student from scratch: 94.60 % on the test samples, over 5 seeds; the arm scratch was not run.",
      }
    `);
    expect(alone.models.scratch).toBeNull();
    expect(alone.comparisons.distilledVsScratch).toBeNull();
    expect(parseReport(JSON.parse(JSON.stringify(alone)), "report.json")).toEqual(alone);
    const beside = buildReport({ ...input, arms: [distilled!, smoothed!] });
    expect(beside.verdict.outcome).toBe("not-compared");
    expect(beside.comparisons.distilledVsScratchSmoothed!.diff).toBeGreaterThan(0);
    for (const [one, differences] of [
      [alone, false],
      [beside, true],
    ] as const) {
      const [page, card, model] = [renderHtml(one), renderCard(one), renderModelCard(one)];
      for (const text of [page, card, model]) {
        expect(text).toContain("Not compared with a student from scratch");
        expect(/undefined|NaN|Distillation (helped|hurt)/.exec(text)).toBeNull();
      }
      expect(page.includes("Paired differences")).toBe(differences);
      expect(page.includes("paired difference with 95 % interval")).toBe(differences);
      expect(card.includes("distilled vs scratch + smoothing")).toBe(differences);
      expect(card.split("\n").some((line) => /^ +points/.test(line))).toBe(differences);
      expect(model).not.toContain("Distilled minus scratch");
    }
  });

  test("hurt when the arms are swapped", () => {
    const arms = input.arms.map((a) =>
      a.arm === "distilled"
        ? { ...a, arm: "scratch" as const }
        : a.arm === "scratch"
          ? { ...a, arm: "distilled" as const }
          : a,
    );
    expect(buildReport({ ...input, arms }).verdict.outcome).toBe("hurt");
  });
});

describe("what is refused", () => {
  const refuse = (change: Partial<ReportInput>): (() => unknown) => {
    return () => buildReport({ ...input, ...change });
  };
  const [distilled, scratch] = input.arms;

  test("arms missing, twice, or without a run for each seed", () => {
    expect(refuse({ arms: [scratch!] })).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: report: arm "distilled" must be there exactly once, got 0 times. A report tells of the distilled student, beside those that were trained without a teacher.]`,
    );
    expect(refuse({ arms: [...input.arms, scratch!] })).toThrow('"scratch" must be there at most');
    const short = { ...scratch!, perSeed: scratch!.perSeed.slice(1) };
    expect(refuse({ arms: [distilled!, short] })).toThrow("one run for each seed, in order");
    expect(refuse({ seeds: [] })).toThrow("seeds must be at least one");
    expect(refuse({ seeds: [1, 1, 2, 3, 4] })).toThrow("each once");
  });

  test("more tuning for one arm than for another, or a chosen trial that is not there", () => {
    const { trials } = scratch!.tuning;
    const tuned = (tuning: Tuning): (() => unknown) =>
      refuse({ arms: [distilled!, { ...scratch!, tuning }] });
    expect(tuned({ trials: trials.slice(1), chosen: 0 })).toThrow("same number of tuning trials");
    expect(tuned({ trials, chosen: 3 })).toThrow("one of its trials as chosen");
  });

  test("results of other samples", () => {
    expect(refuse({ testLabels: testLabels.slice(1) })).toThrow("those of the 500 test samples");
    const two = [input.teacher.testLogits[0]!, input.teacher.testLogits[0]!];
    expect(refuse({ teacher: { ...input.teacher, testLogits: two } })).toThrow("Give 1 or 5");
    const half = [input.teacher.testLogits[0]!.slice(10)];
    expect(refuse({ teacher: { ...input.teacher, testLogits: half } })).toThrow("4990 logits");
  });
});
