import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  doublingHighProduct,
  quantizeMultiplier,
  roundAway,
  roundEven,
  roundingShift,
  scaleAccumulator,
} from "./rounding.ts";

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const mantissa = fc.integer({ min: 2 ** 30, max: 2 ** 31 - 1 });

/** gemmlowp's definitions in 64-bit integers, as C writes them */
function gemmlowpHighMul(a: bigint, b: bigint): bigint {
  const product = a * b;
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
  return (product + nudge) / (1n << 31n); // BigInt division truncates, as C's does
}

function gemmlowpShift(x: bigint, exponent: bigint): bigint {
  const mask = (1n << exponent) - 1n;
  const rest = x & mask;
  const threshold = (mask >> 1n) + (x < 0n ? 1n : 0n);
  return (x >> exponent) + (rest > threshold ? 1n : 0n);
}

describe("roundings of halves", () => {
  test.each([
    [0.5, 1, 0],
    [1.5, 2, 2],
    [2.5, 3, 2],
    [-0.5, -1, 0],
    [-1.5, -2, -2],
    [-2.5, -3, -2],
    [3.49, 3, 3],
  ])("%d: away %d, even %d", (x, away, even) => {
    expect(roundAway(x)).toBe(away);
    expect(roundEven(x) + 0).toBe(even);
  });
});

test("the doubling high product is gemmlowp's for all 32-bit numbers", () => {
  fc.assert(
    fc.property(int32, int32, (a, b) => {
      const exact = gemmlowpHighMul(BigInt(a), BigInt(b));
      const saturated = exact > 2147483647n ? 2147483647n : exact;
      expect(BigInt(doublingHighProduct(a, b))).toBe(saturated);
    }),
    { numRuns: 2000 },
  );
  expect(doublingHighProduct(-(2 ** 31), -(2 ** 31))).toBe(2 ** 31 - 1);
});

test("the rounding shift is gemmlowp's", () => {
  fc.assert(
    fc.property(int32, fc.integer({ min: 0, max: 31 }), (x, exponent) => {
      expect(BigInt(roundingShift(x, exponent))).toBe(gemmlowpShift(BigInt(x), BigInt(exponent)));
    }),
    { numRuns: 2000 },
  );
});

test("single rounding is one 64-bit sum and one shift", () => {
  const acc = fc.integer({ min: -(2 ** 29), max: 2 ** 29 });
  fc.assert(
    fc.property(acc, mantissa, fc.integer({ min: -31, max: 4 }), (x, multiplier, shift) => {
      const total = BigInt(31 - shift);
      const exact = (BigInt(x) * BigInt(multiplier) + (1n << (total - 1n))) >> total;
      const real = multiplier * 2 ** (shift - 31);
      const single = scaleAccumulator(x, real, { multiplier, shift }, "single");
      expect(BigInt(single)).toBe(exact);
    }),
    { numRuns: 2000 },
  );
});

describe("multipliers", () => {
  test.each([
    [1, 2 ** 30, 1],
    [0.5, 2 ** 30, 0],
    [0.25, 2 ** 30, -1],
    [0.75, 1610612736, 0],
    [3, 1610612736, 2],
    // rounds up to 2^31, which becomes 2^30 and one more
    [1 - 2 ** -40, 2 ** 30, 1],
    [2 ** -40, 0, 0],
    [0, 0, 0],
  ])("%d is %d · 2^(%d − 31)", (real, multiplier, shift) => {
    expect(quantizeMultiplier(real)).toEqual({ multiplier, shift });
  });

  test("31 bits: the relative error is below 2^-31", () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -30, max: 2 ** 20, noNaN: true }), (real) => {
        const { multiplier, shift } = quantizeMultiplier(real);
        expect(multiplier).toBeGreaterThanOrEqual(2 ** 30);
        expect(multiplier).toBeLessThan(2 ** 31);
        expect(Math.abs((multiplier * 2 ** (shift - 31)) / real - 1)).toBeLessThanOrEqual(2 ** -31);
      }),
    );
  });
});

test("the three roundings part where an accumulator lies near a half", () => {
  const of = (acc: number, real: number): number[] =>
    (["tflm", "single", "xnnpack"] as const).map(
      (rounding) => scaleAccumulator(acc, real, quantizeMultiplier(real), rounding) + 0,
    );
  expect(of(-2, 0.25)).toEqual([-1, 0, 0]); // −1/2: away, up, even
  expect(of(3, 0.5)).toEqual([2, 2, 2]);
  expect(of(5, 0.5)).toEqual([3, 3, 2]);
  // 3 · 0.4999999 = 1.4999997: the first rounding of two makes it 1.5, the second 2
  expect(of(3, 0.4999999)).toEqual([2, 1, 1]);
});
