/** @file A decoder's weights, chosen by word errors on the validation part. */

import { decodeRecordings, type Recognizer } from "../../speech/index.ts";
import { alignWords, type WordErrors, wordErrorRate } from "../metrics/index.ts";
import type { DecoderCandidates, DecoderWeights, Transcribed } from "./recognition-options.ts";

/** Scores of one acoustic model over one part. */
export interface ScoredPart {
  /** float32 [frames, states], of one recording after another */
  readonly logits: Float32Array;
  readonly recordings: readonly Transcribed[];
}

/** Decodes a part. @returns the word errors of each recording */
export function countWordErrors(
  { loop, priors }: Recognizer,
  { logits, recordings }: ScoredPart,
  weights: DecoderWeights,
): readonly WordErrors[] {
  const lengths = recordings.map(({ frames }) => frames);
  return decodeRecordings(loop, logits, lengths, { priors, ...weights }).map(
    ({ words: heard }, at) => {
      const { aligned: _, ...errors } = alignWords(recordings[at]!.words, heard);
      return errors;
    },
  );
}

export interface TunedDecoder {
  readonly weights: DecoderWeights;
  /** on the part that they were chosen on */
  readonly wordErrorRate: number;
}

/** Each weight is tried with the best of those before it. */
const order = [
  "languageModelWeight",
  "priorWeight",
  "acousticScale",
  "wordInsertionPenalty",
] as const satisfies readonly (keyof DecoderWeights)[];

/**
 * Looks for weights with few word errors, one after another, from the first candidate of each; of
 * equals the first that was tried is kept.
 */
export function tuneDecoder(
  recognizer: Recognizer,
  part: ScoredPart,
  candidates: DecoderCandidates,
): TunedDecoder {
  const rateOf = (weights: DecoderWeights): number =>
    wordErrorRate(countWordErrors(recognizer, part, weights));
  const first = (name: keyof DecoderWeights): number => candidates[name][0]!; // none is empty
  const start: DecoderWeights = {
    languageModelWeight: first("languageModelWeight"),
    priorWeight: first("priorWeight"),
    acousticScale: first("acousticScale"),
    wordInsertionPenalty: first("wordInsertionPenalty"),
  };
  let best: TunedDecoder = { weights: start, wordErrorRate: rateOf(start) };
  for (const name of order) {
    const { weights: before } = best;
    for (const value of candidates[name]) {
      if (value === before[name]) continue; // that is the best so far
      const weights = { ...before, [name]: value };
      const rate = rateOf(weights);
      if (rate < best.wordErrorRate) best = { weights, wordErrorRate: rate };
    }
  }
  return best;
}
