/** @file From an acoustic model's scores of many recordings to the words of each. */

import { assertInRange, ShapeError } from "../errors/index.ts";
import { scaledLogLikelihoods } from "./scaled-likelihoods.ts";
import { type Decoded, type DecodeOptions, decodeWeights, findWords } from "./viterbi.ts";
import type { WordLoop } from "./word-loop.ts";

export interface RecordingsDecodeOptions extends DecodeOptions {
  /** float64 [states], from `statePriors` of the training part */
  readonly priors: Float64Array;
  /** weight of the priors; default 1 */
  readonly priorWeight?: number;
  /**
   * what the scaled log-likelihoods are multiplied by, against durations, language model and word
   * penalty; above 0, default 1
   */
  readonly acousticScale?: number;
}

/**
 * Decodes recordings one by one.
 *
 * @param logits float32 [frames, states], of one recording after another, as
 *   `scaledLogLikelihoods` takes them
 * @param lengths frames of each recording
 * @returns in the order of the recordings
 * @throws ShapeError "shape/mismatch" if the lengths do not add up; ConfigError "config/range"; the
 *   errors of `scaledLogLikelihoods` and, with the recording's number from 0, of `decodeWords`
 */
export function decodeRecordings(
  loop: WordLoop,
  logits: Float32Array,
  lengths: readonly number[],
  { priors, priorWeight, acousticScale = 1, ...options }: RecordingsDecodeOptions,
): readonly Decoded[] {
  assertInRange("decodeRecordings", { acousticScale }, { above: 0 });
  const weights = decodeWeights("decodeRecordings", options);
  const frames = lengths.reduce((sum, length) => sum + length, 0);
  if (frames * loop.stateCount !== logits.length)
    throw new ShapeError("shape/mismatch", {
      where: "decodeRecordings",
      rule: `logits must be [frames, ${loop.stateCount}], with the frames of all recordings`,
      got: `${logits.length} logits, ${frames} frames in recordings`,
      fix: "Give the scores of the same recordings",
      details: { logits: logits.length, frames },
    });
  if (priors.length !== loop.stateCount)
    throw new ShapeError("shape/mismatch", {
      where: "decodeRecordings",
      rule: `priors must be one for each of the loop's ${loop.stateCount} states`,
      got: String(priors.length),
      fix: "Count priors and write the lexicon over the same states",
      details: { priors: priors.length, states: loop.stateCount },
    });
  const scores = scaledLogLikelihoods(logits, priors, priorWeight);
  if (acousticScale !== 1) for (let i = 0; i < scores.length; i++) scores[i]! *= acousticScale;
  let at = 0;
  return lengths.map((length, recording) => {
    const own = scores.subarray(at * loop.stateCount, (at + length) * loop.stateCount);
    at += length;
    return findWords(`recording ${recording}`, loop, own, weights);
  });
}
