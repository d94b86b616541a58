/** @file Negative log-likelihood of the labels. */

import { logSoftmaxRow } from "./log-softmax.ts";
import { assertScoredSamples } from "./scored-samples.ts";

/**
 * Mean over samples of −log softmax(logits)[label] at T = 1, in nats: the cross-entropy with the
 * hard labels.
 *
 * @param logits float32 [samples, classes]; @param labels int32 [samples]
 * @returns ≥ 0; infinite only when the label's probability is exactly 0
 * @throws as {@link assertScoredSamples}
 */
export function negativeLogLikelihood(logits: Float32Array, labels: Int32Array): number {
  const classes = assertScoredSamples("negativeLogLikelihood", logits, labels);
  const row = new Float64Array(classes);
  let total = 0;
  labels.forEach((label, sample) => {
    total -= logSoftmaxRow(logits, sample, classes, 1, row)[label]!;
  });
  return total / labels.length;
}
