/** @file From one loss per sample to one number: the reduction that every loss shares. */

import type { Value } from "../../engine/graph/index.ts";
import { assertSameShape, mul, reduceMean, reduceSum } from "../../engine/ops/index.ts";
import { constantLike } from "./constant-like.ts";

export interface SampleWeighting {
  /**
   * float32 [batch], ≥ 0: the loss becomes Σ_b weight_b · loss_b. Without it every sample weighs
   * 1/batch (the mean). A weight of 0 leaves a sample out: unlabelled in the hard term, padding in
   * every term.
   */
  readonly sampleWeights?: Value | undefined;
}

/**
 * L = Σ_b w_b · loss_b, or the mean over the batch if no weights are given.
 *
 * @param perSample float32 [batch]
 * @returns float32 []
 * @throws ShapeError "shape/mismatch" if there is not one weight per sample
 */
export function weightedSum(
  where: string,
  perSample: Value,
  { sampleWeights }: SampleWeighting,
): Value {
  if (sampleWeights === undefined) return reduceMean(perSample, { axes: [0], keepDims: false });
  assertSameShape(where, { perSample, sampleWeights });
  return reduceSum(mul(perSample, sampleWeights), { axes: [0], keepDims: false }); // []
}

/**
 * The weights that weightedSum uses, for losses that relate samples to each other.
 *
 * @param logits float32 [batch, classes]
 * @returns float32 [batch]: the given weights, or 1/batch for each
 * @throws ShapeError "shape/mismatch" if there is not one weight per sample
 */
export function batchWeights(
  where: string,
  logits: Value,
  { sampleWeights }: SampleWeighting,
): Value {
  const batch = logits.shape[0]!;
  if (sampleWeights === undefined)
    return constantLike(logits, [batch], new Float64Array(batch).fill(1 / batch));
  const perSample = { dtype: logits.dtype, shape: [batch] };
  assertSameShape(where, { perSample, sampleWeights });
  return sampleWeights;
}
