export { decodeRecordings, type RecordingsDecodeOptions } from "./decode-recordings.ts";
export {
  type BigramOptions,
  bigramLanguageModel,
  type LanguageModel,
  uniformLanguageModel,
} from "./language-model.ts";
export { type LexiconEntry, parseLexicon, phoneStates, pronunciations } from "./lexicon.ts";
export { type LogMelFrames, openLogMelFrames, speechLogMel } from "./log-mel-frames.ts";
export { makeRecognizer, type Recognizer, type RecognizerOptions } from "./recognizer.ts";
export { scaledLogLikelihoods, statePriors } from "./scaled-likelihoods.ts";
export { meanStateFrames } from "./state-durations.ts";
export { type Decoded, type DecodedWord, type DecodeOptions, decodeWords } from "./viterbi.ts";
export {
  type Pronunciation,
  type WordLoop,
  type WordLoopOptions,
  wordLoop,
} from "./word-loop.ts";
