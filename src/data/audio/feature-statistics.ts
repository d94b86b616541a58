/** @file Mean and deviation of each feature, and features brought to mean 0 and deviation 1. */

import { assertInRange, DataError } from "../../errors/index.ts";

export interface FeatureStatistics {
  /** of each feature */
  readonly mean: readonly number[];
  /** standard deviation over all frames (divided by their number), above 0 */
  readonly deviation: readonly number[];
}

/**
 * Of the frames of all recordings. Take those of the training part, and standardise every part
 * with them.
 *
 * @param recordings each float32 [frames, features]
 * @param features in a frame
 * @throws DataError "data/empty" without a frame; "data/constant" for a feature that never changes
 */
export function featureStatistics(
  recordings: readonly Float32Array[],
  features: number,
): FeatureStatistics {
  assertInRange("featureStatistics", { features }, { from: 1, isInteger: true });
  const frames = recordings.reduce((sum, { length }) => sum + length / features, 0);
  if (frames === 0)
    throw new DataError("data/empty", {
      where: "featureStatistics",
      rule: "there must be at least one frame",
      got: "none",
      fix: "Give the features of the training part",
    });
  const mean = new Float64Array(features);
  for (const recording of recordings)
    recording.forEach((x, at) => {
      mean[at % features]! += x / frames;
    });
  const variance = new Float64Array(features);
  for (const recording of recordings)
    recording.forEach((x, at) => {
      variance[at % features]! += (x - mean[at % features]!) ** 2 / frames;
    });
  const constant = variance.indexOf(0);
  if (constant >= 0)
    throw new DataError("data/constant", {
      where: "featureStatistics",
      rule: "a feature must change, or it cannot be brought to deviation 1",
      got: `${mean[constant]} in every frame for feature ${constant}`,
      fix: "Leave the feature out",
      details: { feature: constant },
    });
  return { mean: [...mean], deviation: Array.from(variance, Math.sqrt) };
}

/**
 * (x − mean) / deviation, feature by feature.
 *
 * @param frames float32 [frames, features]; @returns the same shape
 */
export function standardized(
  frames: Float32Array,
  { mean, deviation }: FeatureStatistics,
): Float32Array {
  const features = mean.length;
  return frames.map((x, at) => (x - mean[at % features]!) / deviation[at % features]!);
}
