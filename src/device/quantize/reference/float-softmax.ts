/**
 * @file Softmax of int8 logits as LiteRT computes it, which is not in fixed point: a table of 256
 * exponentials in float32, one float32 sum and quotient.
 */

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
