/**
 * @file The roundings that int8 runtimes differ in, on numbers that hold 64-bit products exactly.
 *
 * A real multiplier M is m · 2^(shift − 31), m in [2³⁰, 2³¹). `tflm` rounds twice (gemmlowp: the
 * high half of a doubled product, then a rounding shift), `single` once, `xnnpack` and
 * `onnxruntime` in float32.
 */

/** How an accumulator becomes an output. */
export type Rounding = "tflm" | "single" | "xnnpack" | "onnxruntime";

export const roundings: readonly Rounding[] = ["tflm", "single", "xnnpack", "onnxruntime"];

export interface FixedPoint {
  /** 0, or in [2³⁰, 2³¹) */
  readonly multiplier: number;
  /** M = multiplier · 2^(shift − 31) */
  readonly shift: number;
}

/** @returns the nearest integer, halves away from zero (C's round) */
export function roundAway(x: number): number {
  const rounded = Math.floor(Math.abs(x) + 0.5);
  return x < 0 ? 0 - rounded : rounded;
}

/** @returns the nearest integer, halves to the even one (IEEE 754's default) */
export function roundEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return rest > 0.5 ? low + 1 : low;
  return low % 2 === 0 ? low : low + 1;
}

/**
 * M = fraction · 2^shift with the fraction in [0.5, 1) and 31 bits.
 *
 * @param real 0 or a positive finite number
 * @see TensorFlow Lite, QuantizeMultiplier in quantization_util.cc
 */
export function quantizeMultiplier(real: number): FixedPoint {
  if (real === 0) return { multiplier: 0, shift: 0 };
  let shift = Math.max(-1074, Math.floor(Math.log2(real))) + 1;
  let fraction = scaleByPower(real, -shift);
  while (fraction >= 1) [fraction, shift] = [fraction / 2, shift + 1];
  while (fraction < 0.5) [fraction, shift] = [fraction * 2, shift - 1];
  let multiplier = Math.round(fraction * 2 ** 31);
  if (multiplier === 2 ** 31) [multiplier, shift] = [2 ** 30, shift + 1];
  return shift < -31 ? { multiplier: 0, shift: 0 } : { multiplier, shift };
}

/** x · 2^power in two steps, neither of which leaves the range of doubles */
function scaleByPower(x: number, power: number): number {
  const half = Math.trunc(power / 2);
  return x * 2 ** half * 2 ** (power - half);
}

/** floor(a · b / 2³¹) and the rest, exact. @param a, b int32 */
function productParts(a: number, b: number): { readonly high: number; readonly low: number } {
  const upper = Math.floor(b / 65536);
  const large = a * upper; // below 2⁴⁷
  const largeHigh = Math.floor(large / 32768);
  const rest = (large - largeHigh * 32768) * 65536 + a * (b - upper * 65536);
  const carry = Math.floor(rest / 2 ** 31);
  return { high: largeHigh + carry, low: rest - carry * 2 ** 31 };
}

/**
 * round(a · b / 2³¹), halves up; gemmlowp's SaturatingRoundingDoublingHighMul.
 *
 * @param a, b int32. @returns int32; (−2³¹)² saturates
 */
export function doublingHighProduct(a: number, b: number): number {
  const { high, low } = productParts(a, b);
  return Math.min(2 ** 31 - 1, high + (low >= 2 ** 30 ? 1 : 0));
}

/** x / 2^exponent, halves away from zero; gemmlowp's RoundingDivideByPOT. @param x int32 */
export function roundingShift(x: number, exponent: number): number {
  return exponent === 0 ? x : roundAway(x / 2 ** exponent);
}

/**
 * acc · M as the runtime named by `rounding` computes it, before the zero point is added.
 *
 * @param acc int32; acc · 2^max(shift, 0) must stay below 2³¹, which quantizeGraph has checked
 * @param real M. @param fixed quantizeMultiplier(M)
 */
export function scaleAccumulator(
  acc: number,
  real: number,
  { multiplier, shift }: FixedPoint,
  rounding: Rounding,
): number {
  switch (rounding) {
    case "tflm":
      return roundingShift(
        doublingHighProduct(acc * 2 ** Math.max(shift, 0), multiplier),
        Math.max(-shift, 0),
      );
    case "single": {
      const { high, low } = productParts(acc, multiplier);
      if (shift > 0)
        return high * 2 ** shift + Math.floor((low + 2 ** (30 - shift)) / 2 ** (31 - shift));
      if (shift === 0) return high + (low >= 2 ** 30 ? 1 : 0);
      return Math.floor((high + 2 ** (-shift - 1)) / 2 ** -shift);
    }
    case "xnnpack":
    case "onnxruntime":
      return roundEven(Math.fround(Math.fround(acc) * Math.fround(real)));
  }
}
