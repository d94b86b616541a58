/** @file Accuracy: the share of samples whose largest score is the label's. */

import { predictions } from "./predictions.ts";
import { assertScoredSamples } from "./scored-samples.ts";

/**
 * Which samples are classified correctly; what the bootstrap resamples.
 *
 * @param logits float32 [samples, classes]; @param labels int32 [samples]
 * @returns uint8 [samples], 1 where argmax (first of ties) equals the label
 * @throws as {@link assertScoredSamples}
 */
export function correctSamples(logits: Float32Array, labels: Int32Array): Uint8Array {
  const named = predictions(logits, assertScoredSamples("accuracy", logits, labels));
  return Uint8Array.from(labels, (label, sample) => (named[sample] === label ? 1 : 0));
}

/**
 * Number of wrongly classified samples.
 *
 * @param logits float32 [samples, classes]; @param labels int32 [samples]
 * @throws as {@link assertScoredSamples}
 */
export function errorCount(logits: Float32Array, labels: Int32Array): number {
  const correct = correctSamples(logits, labels);
  return correct.reduce((errors, hit) => errors + 1 - hit, 0);
}

/**
 * Share of correctly classified samples, in 0 … 1. With ties the first class wins.
 *
 * @param logits float32 [samples, classes]; @param labels int32 [samples]
 * @throws as {@link assertScoredSamples}
 * @example accuracy(new Float32Array([1, 2, 5, 0]), new Int32Array([1, 1])) // 0.5
 */
export function accuracy(logits: Float32Array, labels: Int32Array): number {
  return 1 - errorCount(logits, labels) / labels.length;
}
