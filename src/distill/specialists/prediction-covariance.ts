/** @file How a model's predicted probabilities vary together: which classes it confuses. */

import { DataError, ShapeError } from "../../errors/index.ts";
import { logSoftmaxRow } from "../metrics/index.ts";

/**
 * The covariance of the predictions, from the predictions alone: no label is looked at.
 *
 *   p_n = softmax(z_n / T)     C_ij = 1/N Σ_n (p_ni − p̄_i)(p_nj − p̄_j)
 *
 * Classes that are often predicted together have large entries; column i says with whom class i is.
 *
 * @param logits float32 [samples, classes], or log-probabilities
 * @param temperature T > 0, dimensionless; default 1
 * @returns float64 [classes, classes], symmetric
 * @throws DataError "data/empty" without samples; ShapeError "shape/mismatch" if classes do not
 *   divide the logits
 * @see Hinton, Vinyals, Dean (2015), Distilling the Knowledge in a Neural Network, §5.2,
 *   arXiv:1503.02531
 */
export function predictionCovariance(
  logits: Float32Array,
  classes: number,
  temperature = 1,
): Float64Array {
  const samples = logits.length / classes;
  assertRows(samples, classes);
  const mean = new Float64Array(classes);
  const products = new Float64Array(classes * classes);
  const p = new Float64Array(classes);
  for (let n = 0; n < samples; n++) {
    logSoftmaxRow(logits, n, classes, temperature, p);
    for (let i = 0; i < classes; i++) {
      p[i] = Math.exp(p[i]!);
      mean[i]! += p[i]! / samples;
    }
    for (let i = 0; i < classes; i++)
      for (let j = 0; j <= i; j++) products[i * classes + j]! += (p[i]! * p[j]!) / samples;
  }
  return Float64Array.from(products, (_, at) => {
    const [i, j] = [Math.floor(at / classes), at % classes];
    return products[Math.max(i, j) * classes + Math.min(i, j)]! - mean[i]! * mean[j]!;
  });
}

function assertRows(samples: number, classes: number): void {
  if (!Number.isInteger(samples))
    throw new ShapeError("shape/mismatch", {
      where: "predictionCovariance",
      rule: `the logits must be [samples, ${classes}]`,
      got: `${samples * classes} numbers`,
      fix: "Give all classes of each sample",
    });
  if (samples === 0)
    throw new DataError("data/empty", {
      where: "predictionCovariance",
      rule: "there must be at least one sample",
      got: "none",
      fix: "Give the predictions of a data set that is not empty",
    });
}
