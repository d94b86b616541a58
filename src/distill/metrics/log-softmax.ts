/** @file Log-probabilities from logits, row by row, in float64. */

/**
 * log softmax(z / T) of one row, safe for logits of any size (the row's maximum is subtracted
 * first).
 *
 * Log-probabilities are fixed points at T = 1, so a teacher that gives log p may be passed as it
 * is.
 *
 * @param logits float32 [rows, classes], row-major; @param row which row; @param classes the row's
 *   length
 * @param temperature T > 0, dimensionless; default 1
 * @param into float64 [classes], overwritten; default a new array
 * @returns float64 [classes], ≤ 0, in nats
 */
export function logSoftmaxRow(
  logits: Float32Array,
  row: number,
  classes: number,
  temperature = 1,
  into: Float64Array = new Float64Array(classes),
): Float64Array {
  const start = row * classes;
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[start + c]!);
  let total = 0;
  for (let c = 0; c < classes; c++) {
    into[c] = (logits[start + c]! - largest) / temperature;
    total += Math.exp(into[c]!);
  }
  const logTotal = Math.log(total);
  for (let c = 0; c < classes; c++) into[c]! -= logTotal;
  return into;
}
