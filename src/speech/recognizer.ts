/** @file What a recogniser has beside its acoustic model, from a training part. */

import { bigramLanguageModel } from "./language-model.ts";
import { statePriors } from "./scaled-likelihoods.ts";
import { meanStateFrames } from "./state-durations.ts";
import { type Pronunciation, type WordLoop, wordLoop } from "./word-loop.ts";

/** Fixed parts of a recogniser; what `decodeRecordings` takes beside scores. */
export interface Recognizer {
  readonly loop: WordLoop;
  /** float64 [states] */
  readonly priors: Float64Array;
}

export interface RecognizerOptions {
  readonly lexicon: readonly Pronunciation[];
  /** states of silence, in order */
  readonly silence: readonly number[];
  /** what the language model learns from: sentences of words that the lexicon has */
  readonly sentences: readonly (readonly string[])[];
  /** of the language model; default 10 */
  readonly strength?: number;
  /** int32 [frames]: states of the training part, −1 where not known */
  readonly labels: Int32Array;
  /** frames of each recording of the training part */
  readonly lengths: readonly number[];
  /** states that the acoustic model names */
  readonly states: number;
}

/**
 * A recogniser of any string of the lexicon's words: a bigram of the sentences, and the frequencies
 * and mean durations of the states in the training part.
 *
 * @throws as bigramLanguageModel and wordLoop
 */
export function makeRecognizer(options: RecognizerOptions): Recognizer {
  const { lexicon, silence, sentences, strength = 10, labels, lengths, states } = options;
  const vocabulary = [...new Set(lexicon.map(({ word }) => word))];
  const loop = wordLoop({
    lexicon,
    silence,
    languageModel: bigramLanguageModel(sentences, vocabulary, { strength }),
    states,
    meanFrames: meanStateFrames(labels, lengths, states),
  });
  return { loop, priors: statePriors(labels, states) };
}
