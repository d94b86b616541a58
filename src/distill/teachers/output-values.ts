/** @file From what a teacher gives (logits, probabilities, sigmoid probabilities) to logits. */

/** Rows of numbers, [rows, classes]. */
export interface Rows {
  readonly values: Float32Array | Float64Array;
  readonly classes: number;
}

/**
 * Smallest positive float32, 2^-149: what a probability of 0 is taken for, as log 0 is not finite.
 * log = -103.28.
 */
export const probabilityFloor: number = 2 ** -149;

/**
 * How far the sum of a row of probabilities may be from 1: wider than float16 rounding of a
 * thousand classes.
 */
export const sumTolerance = 1e-3;

/** How far outside 0 … 1 rounding may push a probability. */
const edgeTolerance = 1e-6;

/** @returns log max(p, 2^-149), float32; softmax(log p / T) is exactly what p softened by T is */
export function logProbabilities(p: ArrayLike<number>): Float32Array {
  return Float32Array.from(p, (value) => Math.log(Math.max(value, probabilityFloor)));
}

/** What a float32 sigmoid of 1 is taken for: the logit of 1 − 2^-24, 16.64. */
export const largestSigmoidLogit: number = Math.fround(Math.log(2 ** 24 - 1));

/**
 * Logit of an independent probability, log p − log(1 − p). 0 and 1 are taken for 2^-149 and 1 −
 * 2^-24, the ends of what float32 can tell from them: −103.28 and 16.64.
 */
export function sigmoidLogits(p: ArrayLike<number>): Float32Array {
  return Float32Array.from(p, (value) => {
    const inside = Math.min(Math.max(value, probabilityFloor), 1 - 2 ** -24);
    return Math.log(inside) - Math.log1p(-inside);
  });
}

/**
 * @returns [rows, 2] of logits [0, z]: softmax gives class 1 the probability sigmoid(z), at any
 *   temperature
 */
export function twoClassLogits(z: Float32Array): Float32Array {
  const pairs = new Float32Array(2 * z.length);
  for (let row = 0; row < z.length; row++) pairs[2 * row + 1] = z[row]!;
  return pairs;
}

/** @returns the first value that is NaN or infinite, or undefined */
export function findNonFinite({
  values,
  classes,
}: Rows): { row: number; value: number } | undefined {
  for (let at = 0; at < values.length; at++)
    if (!Number.isFinite(values[at])) return { row: Math.floor(at / classes), value: values[at]! };
  return undefined;
}

/** @returns the first value outside 0 … 1, or undefined */
export function findOutsideUnit({
  values,
  classes,
}: Rows): { row: number; value: number } | undefined {
  const at = values.findIndex((p: number) => !(p >= -edgeTolerance && p <= 1 + edgeTolerance));
  return at === -1 ? undefined : { row: Math.floor(at / classes), value: values[at]! };
}

/** @returns the first row whose sum is not 1 within `sumTolerance`, or undefined */
export function findWrongSum({ values, classes }: Rows): { row: number; sum: number } | undefined {
  for (let row = 0; row * classes < values.length; row++) {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += values[row * classes + k]!;
    if (!(Math.abs(sum - 1) <= sumTolerance)) return { row, sum };
  }
  return undefined;
}

/** True if every row could be a distribution over classes: all in 0 … 1, sums 1. */
export function looksLikeProbabilities(rows: Rows): boolean {
  return findOutsideUnit(rows) === undefined && findWrongSum(rows) === undefined;
}
