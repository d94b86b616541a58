import fc from "fast-check";
import { expect, test } from "vitest";
import type { QuantizedTensor, SoftmaxLayer } from "../quantized-graph.ts";
import { expOfNegative, runSoftmax, softmaxConstants } from "./softmax.ts";

const layer: SoftmaxLayer = { kind: "softmax", name: "softmax", inputs: [0], output: 1 };

function softmaxOf(logits: readonly number[], scale: number): Int8Array {
  const shape = [logits.length];
  const from: QuantizedTensor = { name: "x", shape, dtype: "int8", scale, zeroPoint: 0 };
  const to: QuantizedTensor = { ...from, scale: 1 / 256, zeroPoint: -128 };
  return runSoftmax({
    layer,
    inputs: [Int8Array.from(logits)],
    inputTensors: [from],
    outputTensor: to,
    rounding: "tflm",
  });
}

test("each factor is e to a power of two, to the last of 31 bits", () => {
  const start = expOfNegative(-1);
  for (const power of [-2, -1, 0, 1, 2, 3, 4]) {
    const product = expOfNegative(-1 - 2 ** (26 + power));
    expect(Math.abs(product - start * Math.exp(-(2 ** power)))).toBeLessThanOrEqual(1);
  }
  expect(expOfNegative(0)).toBe(2 ** 31 - 1);
});

test("the exponential is right to 2^-22: its polynomial ends with the fourth power of 1/8", () => {
  const below32 = fc.integer({ min: 1 - 2 ** 31, max: -1 });
  fc.assert(
    fc.property(below32, (a) => {
      const exact = Math.exp(a / 2 ** 26);
      expect(Math.abs(expOfNegative(a) / 2 ** 31 - exact)).toBeLessThan(2 ** -22);
    }),
    { numRuns: 1000 },
  );
});

test("shares are within one step of the real ones, for logits of any scale", () => {
  const logits = fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 1, maxLength: 40 });
  const scale = fc.double({ min: 1e-4, max: 20, noNaN: true });
  fc.assert(
    fc.property(logits, scale, (q, s) => {
      const real = q.map((x) => Math.exp(Math.fround(s) * (x - Math.max(...q))));
      const sum = real.reduce((total, x) => total + x, 0);
      const shares = softmaxOf(q, Math.fround(s));
      real.forEach((x, at) => {
        const step = Math.min(127, (256 * x) / sum - 128);
        expect(Math.abs(shares[at]! - step)).toBeLessThanOrEqual(1);
      });
    }),
    { numRuns: 500 },
  );
});

test("a scale's constants", () => {
  // 0.1 · 2^26 = 0.8 · 2^23
  expect(softmaxConstants(0.1)).toEqual({
    multiplier: 1717986918,
    shift: 23,
    smallestDifference: -248, // −⌊31 · 2^26 / 2^23⌋
  });
});
