import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  accuracy,
  agreement,
  calibration,
  confusionMatrix,
  correctSamples,
  errorCount,
  klToTeacher,
  negativeLogLikelihood,
  perClassScores,
  pooledCalibration,
  sumConfusion,
  topKAccuracy,
} from "./index.ts";

interface GoldenCase {
  readonly classes: number;
  readonly labels: number[];
  readonly logits: number[];
  readonly teacher: number[];
  readonly accuracy: number;
  readonly topK: number[];
  readonly confusion: number[][];
  readonly precision: (number | null)[];
  readonly recall: (number | null)[];
  readonly f1: (number | null)[];
  readonly support: number[];
  readonly negativeLogLikelihood: number;
  readonly calibrationError: number;
  readonly bins: [number, number | null, number | null][];
  readonly agreement: number;
  readonly klToTeacher: number;
}

const file = new URL("../../../test/golden/metrics.json", import.meta.url);
// as: the file is written by scripts/golden/metrics.py in this form
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: GoldenCase[] };

/** Both sides are float64 from the same float32 logits: only the order of additions differs. */
const digits = 12;

function close(found: number | null, expected: number | null): void {
  if (expected === null) expect(found).toBeNull();
  else expect(found).toBeCloseTo(expected, digits);
}

describe.each(cases)("scikit-learn and numpy agree: $classes classes, $accuracy", (golden) => {
  const logits = Float32Array.from(golden.logits);
  const teacher = Float32Array.from(golden.teacher);
  const labels = Int32Array.from(golden.labels);

  test("accuracy, errors and top-k", () => {
    close(accuracy(logits, labels), golden.accuracy);
    expect(errorCount(logits, labels)).toBe(Math.round(labels.length * (1 - golden.accuracy)));
    for (const [i, expected] of golden.topK.entries())
      close(topKAccuracy(logits, labels, i + 1), expected);
    expect(topKAccuracy(logits, labels, golden.classes)).toBe(1);
  });

  test("confusion matrix and the scores of each class", () => {
    const confusion = confusionMatrix(logits, labels);
    expect(confusion).toEqual(golden.confusion);
    perClassScores(confusion).forEach((scores, c) => {
      expect(scores.support).toBe(golden.support[c]);
      close(scores.precision, golden.precision[c]!);
      close(scores.recall, golden.recall[c]!);
      close(scores.f1, golden.f1[c]!);
    });
  });

  test("likelihood and calibration", () => {
    close(negativeLogLikelihood(logits, labels), golden.negativeLogLikelihood);
    const { error, bins } = calibration(logits, labels);
    close(error, golden.calibrationError);
    golden.bins.forEach(([count, confidence, hits], b) => {
      expect(bins[b]!.count).toBe(count);
      close(bins[b]!.confidence, confidence);
      close(bins[b]!.accuracy, hits);
    });
  });

  test("agreement and distance to the teacher", () => {
    close(agreement(logits, teacher, labels.length), golden.agreement);
    close(klToTeacher(logits, teacher, labels.length), golden.klToTeacher);
  });
});

describe("a teacher of independent classes", () => {
  const student = Float32Array.of(1.5, -0.25, 0.75, -3, 0, 2);
  const teacher = Float32Array.of(2, 1, -1.5, 0.5, -0.5, 4);
  const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

  test("KL is the sum over classes of those of two classes each", () => {
    const expected = teacher.reduce((sum, z, at) => {
      const [p, q] = [sigmoid(z), sigmoid(student[at]!)];
      return sum + p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
    }, 0);
    const found = klToTeacher(student, teacher, 2, { isSigmoid: true });
    close(found, expected / 2);
    close(klToTeacher(student, teacher, 3, { isSigmoid: true }), expected / 3);
    expect(Math.abs(found - klToTeacher(student, teacher, 2))).toBeGreaterThan(0.1);
  });

  test("a number added to all logits is another teacher, and equal ones are no distance apart", () => {
    const more = teacher.map((z) => z + 1);
    expect(klToTeacher(more, teacher, 2)).toBeCloseTo(0, 6); // float32 logits
    expect(klToTeacher(more, teacher, 2, { isSigmoid: true })).toBeGreaterThan(0.1);
    expect(klToTeacher(teacher, teacher, 2, { isSigmoid: true })).toBe(0);
  });

  test("logits of ±1000 stay finite", () => {
    const [sure, other] = [Float32Array.of(1000, -1000), Float32Array.of(-1000, -1000)];
    expect(klToTeacher(sure, sure, 1, { isSigmoid: true })).toBe(0);
    expect(klToTeacher(other, sure, 1, { isSigmoid: true })).toBe(1000); // −log σ(−1000)
  });
});

describe("ties and extremes", () => {
  const tie = new Float32Array([1, 1, 0]);

  test("the first of equal classes wins, in top-k too", () => {
    expect(accuracy(tie, Int32Array.of(0))).toBe(1);
    expect(accuracy(tie, Int32Array.of(1))).toBe(0);
    expect(topKAccuracy(tie, Int32Array.of(1), 1)).toBe(0);
    expect(topKAccuracy(tie, Int32Array.of(1), 2)).toBe(1);
  });

  test("logits of ±1000 stay finite", () => {
    const sure = new Float32Array([1000, -1000, 0]);
    expect(negativeLogLikelihood(sure, Int32Array.of(1))).toBe(2000);
    expect(calibration(sure, Int32Array.of(0)).error).toBe(0);
    expect(klToTeacher(sure, sure, 1)).toBe(0);
  });

  test("a confidence on a bin's edge belongs to the bin below it", () => {
    const { bins } = calibration(new Float32Array([0, 0]), Int32Array.of(0), 2);
    expect(bins.map(({ count }) => count)).toEqual([1, 0]);
  });

  test("a teacher may give log-probabilities, −∞ included", () => {
    const student = new Float32Array([0, 0]);
    expect(klToTeacher(student, new Float32Array([0, Number.NEGATIVE_INFINITY]), 1)).toBeCloseTo(
      Math.log(2),
      digits,
    );
  });

  test("the direction is KL(teacher ‖ student)", () => {
    const p = [0.9, 0.1];
    const q = [0.5, 0.5];
    const expected = p.reduce((sum, pc, c) => sum + pc * Math.log(pc / q[c]!), 0);
    const found = klToTeacher(Float32Array.from(q, Math.log), Float32Array.from(p, Math.log), 1);
    // log-probabilities are rounded to float32: 6e-8 of 2.3
    expect(found).toBeCloseTo(expected, 6);
  });
});

describe("what is refused", () => {
  const logits = new Float32Array([1, 0, 0, 1]);

  test("unlabelled samples", () => {
    expect(() => accuracy(logits, Int32Array.of(0, -1))).toThrowErrorMatchingInlineSnapshot(
      `[DataError: accuracy: every sample must be labelled, got label -1 (unlabelled) at sample 1. Evaluate on labelled samples only: leave the unlabelled ones out first.]`,
    );
  });

  test("labels outside the classes", () => {
    expect(() => calibration(logits, Int32Array.of(0, 2))).toThrowErrorMatchingInlineSnapshot(
      `[DataError: calibration: labels must be whole numbers from 0 to 1, got 2 at sample 1. Use the class list that the model was trained with.]`,
    );
  });

  test("empty sets, ragged rows, NaN, a k out of range, models of different size", () => {
    const two = Int32Array.of(0, 1);
    const code = (run: () => unknown): unknown => {
      try {
        return run();
      } catch (error) {
        // as: every error here is a DistillError
        return (error as { code: string }).code;
      }
    };
    expect(code(() => accuracy(new Float32Array(0), new Int32Array(0)))).toBe("data/empty");
    expect(code(() => agreement(new Float32Array(0), new Float32Array(0), 0))).toBe("data/empty");
    expect(code(() => accuracy(new Float32Array(5), two))).toBe("shape/mismatch");
    expect(code(() => accuracy(new Float32Array(0), two))).toBe("shape/mismatch");
    expect(code(() => accuracy(new Float32Array([1, NaN, 0, 1]), two))).toBe("data/not-a-number");
    expect(code(() => topKAccuracy(logits, two, 3))).toBe("config/range");
    expect(code(() => topKAccuracy(logits, two, 0))).toBe("config/range");
    expect(code(() => klToTeacher(logits, new Float32Array(6), 2))).toBe("shape/mismatch");
  });
});

test("several seeds together: counts add up, calibration weighs all samples alike", () => {
  const labels = Int32Array.of(0, 1, 1);
  const first = new Float32Array([2, 0, 0, 2, 2, 0]);
  const second = new Float32Array([0, 3, 0, 3, 0, 3]);
  const sum = sumConfusion([confusionMatrix(first, labels), confusionMatrix(second, labels)]);
  expect(sum).toEqual([
    [1, 1],
    [1, 3],
  ]);
  const both = new Float32Array([...first, ...second]);
  const joined = calibration(both, Int32Array.of(0, 1, 1, 0, 1, 1));
  const pooled = pooledCalibration([calibration(first, labels), calibration(second, labels)]);
  expect(pooled.error).toBeCloseTo(joined.error, digits);
  expect(pooled.bins.map(({ count }) => count)).toEqual(joined.bins.map(({ count }) => count));
  expect([...correctSamples(first, labels)]).toEqual([1, 1, 0]);
});
