export {
  assertRecognizable,
  candidatesOf,
  type DecoderCandidates,
  type DecoderWeights,
  decoderCandidates,
  type RecognitionOptions,
  type Transcribed,
  transcribed,
} from "./recognition-options.ts";
export {
  measureRecognition,
  type RecognitionEvent,
  type RecognitionResult,
  type RecognizedSystem,
  recognizeSystem,
  type SystemLogits,
} from "./recognize.ts";
