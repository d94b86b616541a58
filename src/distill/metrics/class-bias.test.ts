import { expect, test } from "vitest";
import { randomStream } from "../../engine/tensor/index.ts";
import { accuracy } from "./accuracy.ts";
import { sharedClassBias, withBias } from "./class-bias.ts";
import { logSoftmaxRow } from "./log-softmax.ts";
import { perClassBias } from "./per-class-bias.ts";

/** Logits that favour the label, with class 2 (and 3) put lower by `lowered`. */
function scored(samples: number, classes: number, lowered: number) {
  const stream = randomStream("class bias", samples);
  const labels = Int32Array.from({ length: samples }, () => stream.integer(classes));
  const logits = Float32Array.from({ length: samples * classes }, (_, at) => {
    const [sample, label] = [Math.floor(at / classes), at % classes];
    const own = labels[sample] === label ? 2 : 0;
    return own + stream.normal() - (label === 2 || label === 3 ? lowered : 0);
  });
  return { logits, labels };
}

test("the shared bias is as good as the best of a fine grid, and undoes what was taken", () => {
  const { logits, labels } = scored(400, 5, 3.5);
  const shift = sharedClassBias(logits, labels, [2, 3]);
  const scoreAt = (b: number): number => accuracy(withBias(logits, [0, 0, b, b, 0]), labels);
  const grid = Array.from({ length: 2001 }, (_, i) => scoreAt(-10 + i / 100));
  expect(scoreAt(shift)).toBeGreaterThanOrEqual(Math.max(...grid));
  expect(Math.abs(shift - 3.5)).toBeLessThan(1); // 400 samples: the optimum is that flat
});

test("the shared bias counts by hand: two samples of class 1 need more than 1, one of class 0 less than 3", () => {
  const logits = Float32Array.of(1, 0, 1, 0.5, 3, 0, 9, 0);
  expect(sharedClassBias(logits, Int32Array.of(1, 1, 0, 0), [1])).toBe(2);
});

test("where nothing can be gained the bias is 0", () => {
  expect(sharedClassBias(Float32Array.of(5, 0, 0, 5), Int32Array.of(0, 1), [1])).toBe(0);
  expect(sharedClassBias(Float32Array.of(5, 0, 4, 0), Int32Array.of(0, 0), [1])).toBe(0);
});

test("with a bias for each class the model expects every class as often as it is there", () => {
  const { logits, labels } = scored(300, 4, 2);
  const bias = perClassBias(logits, labels);
  expect(bias.reduce((sum, b) => sum + b, 0)).toBeCloseTo(0, 9); // rounding of four additions
  const raised = withBias(logits, bias);
  for (let label = 0; label < 4; label++) {
    let expected = 0;
    for (let i = 0; i < 300; i++) expected += Math.exp(logSoftmaxRow(raised, i, 4, 1)[label]!);
    const found = labels.filter((each) => each === label).length;
    expect(Math.abs(expected - found)).toBeLessThan(0.01); // float32 logits, stop at 1e-6
  }
});

test.each([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])(
  "a logit of %d is refused",
  (odd) => {
    const logits = Float32Array.of(1, 0, 0, odd);
    expect(() => sharedClassBias(logits, Int32Array.of(1, 1), [1])).toThrow(
      `sharedClassBias: logits must be finite, got ${odd} at sample 1.`,
    );
  },
);

test("classes that cannot be corrected are refused", () => {
  const logits = Float32Array.of(1, 0, 0, 0, 1, 0);
  const labels = Int32Array.of(0, 1);
  expect(() => sharedClassBias(logits, labels, [])).toThrow(
    "sharedClassBias: some of the 3 classes must be raised, and some not, got 0 raised.",
  );
  for (const odd of [9, 3, -1, 1.5])
    expect(() => sharedClassBias(logits, labels, [2, odd])).toThrow(
      `sharedClassBias: raised classes must be whole numbers from 0 to 2, got ${odd}.`,
    );
  expect(() => perClassBias(logits, labels)).toThrow(
    "perClassBias: every class must occur among the labels, got no sample of class 2.",
  );
});
