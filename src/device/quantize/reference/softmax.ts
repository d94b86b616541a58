/**
 * @file Softmax in fixed point, as gemmlowp computes it: exp by a polynomial and seven factors, the
 * reciprocal by three Newton steps. For `xnnpack` and `onnxruntime` as LiteRT computes it: a table
 * of 256 exponentials in float32, one float32 sum and quotient.
 */

import type { SoftmaxLayer } from "../quantized-graph.ts";
import {
  doublingHighProduct,
  type FixedPoint,
  quantizeMultiplier,
  roundingShift,
} from "../rounding.ts";
import type { LayerRun } from "./layer-run.ts";

/** Integer bits of scaled differences, and of the sum of exponentials. */
const differenceBits = 5;
const sumBits = 12;
const one = 2 ** 31 - 1;

interface SoftmaxConstants extends FixedPoint {
  /** differences below this count as e^−∞ */
  readonly smallestDifference: number;
}

/** @param scale of the logits. @see TensorFlow Lite, PreprocessSoftmaxScaling */
export function softmaxConstants(scale: number): SoftmaxConstants {
  const fixed = quantizeMultiplier(Math.min(scale * 2 ** (31 - differenceBits), 2 ** 31 - 1));
  const widest = (2 ** differenceBits - 1) * 2 ** (31 - differenceBits);
  return { ...fixed, smallestDifference: -Math.floor(widest / 2 ** fixed.shift) };
}

const factors = [
  [24, 1672461947],
  [25, 1302514674],
  [26, 790015084],
  [27, 290630308],
  [28, 39332535],
  [29, 720401],
  [30, 242],
] as const;

/** e^a. @param a ≤ 0 with 26 fraction bits. @returns with 31 fraction bits */
export function expOfNegative(a: number): number {
  if (a === 0) return one;
  const quarter = 2 ** 24;
  const rest = (((a % quarter) + quarter) % quarter) - quarter; // in [−1/4, 0)
  const x = rest * 32 + 2 ** 28; // 31 fraction bits, around −1/8
  const x2 = doublingHighProduct(x, x);
  const x3 = doublingHighProduct(x2, x);
  const x4 = doublingHighProduct(x2, x2);
  const cubic = doublingHighProduct(roundingShift(x4, 2) + x3, 715827883);
  const polynomial = x + roundingShift(cubic + x2, 1);
  let result = 1895147668 + doublingHighProduct(1895147668, polynomial);
  const whole = rest - a;
  for (const [bit, factor] of factors)
    if (Math.floor(whole / 2 ** bit) % 2 === 1) result = doublingHighProduct(result, factor);
  return result;
}

/** 1 / (1 + a). @param a in [0, 1) with 31 fraction bits. @returns likewise */
function reciprocalOfOnePlus(a: number): number {
  const half = Math.trunc((a + one + 1) / 2);
  let x = 1515870810 + doublingHighProduct(half, -1010580540); // 29 fraction bits
  for (let step = 0; step < 3; step++) {
    const error = 2 ** 29 - doublingHighProduct(half, x);
    x += doublingHighProduct(x, error) * 4;
  }
  return Math.min(x * 2, one);
}

export function runSoftmax(run: LayerRun<SoftmaxLayer>): Int8Array {
  const { inputs, inputTensors, rounding } = run;
  const logits = inputs[0]!;
  if (rounding === "xnnpack" || rounding === "onnxruntime")
    return floatSoftmax(logits, inputTensors[0]!.scale);
  const { multiplier, shift, smallestDifference } = softmaxConstants(inputTensors[0]!.scale);
  const largest = Math.max(...logits);
  const exponential = (logit: number): number =>
    expOfNegative(doublingHighProduct((logit - largest) * 2 ** shift, multiplier));
  const counts = (logit: number): boolean => logit - largest >= smallestDifference;
  let sum = 0;
  for (const logit of logits) if (counts(logit)) sum += roundingShift(exponential(logit), sumBits);
  const headroom = Math.clz32(sum);
  const reciprocal = reciprocalOfOnePlus(sum * 2 ** headroom - 2 ** 31);
  const shiftDown = sumBits - headroom + 31 - 8;
  return Int8Array.from(logits, (logit) => {
    if (!counts(logit)) return -128;
    const share = doublingHighProduct(reciprocal, exponential(logit));
    return Math.min(127, Math.max(-128, roundingShift(share, shiftDown) - 128));
  });
}

const { fround } = Math;

/**
 * p[i] = e^(s · (x[i] − max)) · 256 / Σ, then trunc(p + 1/2) − 128.
 *
 * @param scale of the logits
 * @see TensorFlow Lite, optimized_ops::Softmax for 8-bit inputs
 */
export function floatSoftmax(logits: ArrayLike<number>, scale: number): Int8Array {
  const row = Array.from(logits);
  const largest = Math.max(...row);
  const exponentials = row.map((x) => fround(Math.exp(fround(fround(-scale) * (largest - x)))));
  const sum = exponentials.reduce((total, e) => fround(total + e), 0);
  const reciprocal = fround(1 / fround(sum / 256));
  return Int8Array.from(exponentials, (e) => {
    const share = Math.trunc(fround(fround(e * reciprocal) + 0.5));
    return Math.min(127, share - 128);
  });
}
