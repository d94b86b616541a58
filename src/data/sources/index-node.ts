export { readRecording } from "../audio/read-audio-node.ts";
export { resampled } from "../audio/resample-node.ts";
export type {
  ArrayOptions,
  CommonSpec,
  CsvOptions,
  CsvSpec,
  DataSpec,
  DigitsSpec,
  Hearing,
  IdxFiles,
  IdxSpec,
  ImagesSpec,
  LoadedData,
  NpyFiles,
  NpySpec,
  NpzSpec,
  ParquetFiles,
  ParquetOptions,
  ParquetSpec,
  RecordingsFiles,
  RecordingsSpec,
  ShardsSpec,
  SpeechFiles,
  SpeechSpec,
  TextOptions,
  TextSpec,
} from "./data-spec.ts";
export { type Digits, parseDigits } from "./digits.ts";
export { loadDigits } from "./digits-node.ts";
export { folderStore } from "./folder-store-node.ts";
export { parseIdx } from "./idx.ts";
export { imageDecoderVersion } from "./images-node.ts";
export { type LoadOptions, loadData } from "./load-node.ts";
export { npzNames, parseNpy, parseNpz } from "./npy.ts";
export { pairedData, type Sourced } from "./paired-node.ts";
export { readFileBytes, systemCode } from "./read-file-node.ts";
export { readingStore } from "./reading-store-node.ts";
export type { SoundFrames } from "./speech-node.ts";
export { gunzipped } from "./zip-checksums.ts";
