export { type Preprocessing, type SampleDType, sampleDType } from "../engine/tensor/index.ts";
export { type ArraySamples, arrayDataset, defaultPreprocessing, subset } from "./array-dataset.ts";
export { assertMadeAlike, assertOfOneKind } from "./assert-same-kind.ts";
export { assertStates } from "./assert-states.ts";
export {
  type FeatureStatistics,
  featureStatistics,
  standardized,
} from "./audio/feature-statistics.ts";
export {
  type FrameContext,
  type FrameEncoding,
  orderedFrames,
  sameFrames,
} from "./audio/frame-encoding.ts";
export {
  type FrameRecording,
  type FramesOptions,
  framesDataset,
  speechContext,
} from "./audio/frames-dataset.ts";
export type { Recording } from "./audio/recording.ts";
export {
  parseTranscripts,
  type Recordings,
  type WholeRecording,
  wholeRecordings,
} from "./audio/recordings.ts";
export { type LabelTimes, parseSegments } from "./audio/segment-file.ts";
export { type FrameTimes, type Segment, segmentOfFrames } from "./audio/segment-labels.ts";
export {
  type Augmentation,
  type AugmentationBatch,
  type AugmentationDraw,
  augmentInto,
  makeAugmenter,
} from "./augment.ts";
export {
  type Batch,
  type Batches,
  type BatchPlan,
  batchIndices,
  batchOfOrder,
  epochOrder,
  makeBatches,
  stepsPerEpoch,
} from "./batches.ts";
export { datasetHash, keyWord, keyWords, sampleHasher } from "./content-hash.ts";
export { type Dataset, type Samples, type TextEncoding, UNLABELLED } from "./dataset.ts";
export { assertDisjoint, assertGroupsApart, withoutDuplicates } from "./duplicates.ts";
export { memoryStore } from "./memory-store.ts";
export { assertMixable, type Mix, type Mixer, type Mixup, makeMixer } from "./mixup.ts";
export { readSafetensors, type SafetensorsContent, writeSafetensors } from "./safetensors.ts";
export {
  type CacheUse,
  type OpenShardsOptions,
  openShards,
  openShardWriter,
  type ShardBatch,
  type ShardedDataset,
  type ShardHeader,
  type ShardManifest,
  type ShardWriter,
  type ShardWriterOptions,
  type WriteShardsOptions,
  writeShards,
} from "./shards/index.ts";
export { blockOrder, type ShuffleBlocks } from "./shuffle-blocks.ts";
export {
  alignSoftLabels,
  assertMemberWeights,
  assertSoftLabelsMatch,
  type ClassesOfBoth,
  type CombineMethod,
  type CombineOptions,
  combinedLogProbabilities,
  combineMembers,
  effectiveLogits,
  type Json,
  knownClasses,
  knownSamples,
  largestError,
  logitCount,
  type MemberKind,
  mostProbable,
  openSoftLabels,
  openSoftLabelWriter,
  type Recombination,
  recombine,
  recordedAccuracy,
  roundLogits,
  type SeenInputs,
  type SoftLabelBatch,
  type SoftLabelHeader,
  type SoftLabelManifest,
  type SoftLabelMatch,
  type SoftLabelMember,
  type SoftLabelPlan,
  type SoftLabelPrecision,
  type SoftLabelShard,
  type SoftLabels,
  type SoftLabelWriter,
  type SoftLabelWriterOptions,
  softLabelPrecisions,
  type TeacherAccuracy,
  teacherAccuracy,
  teacherColumns,
  teacherLabels,
} from "./soft-labels/index.ts";
export type {
  CsvSpec,
  DataSpec,
  DigitsSpec,
  FramesSpec,
  Hearing,
  IdxSpec,
  ImagesSpec,
  LoadedData,
  NpySpec,
  NpzSpec,
  ParquetSpec,
  RecordingsSpec,
  ShardsSpec,
  TextOptions,
  TextSpec,
} from "./sources/data-spec.ts";
export { type Split, type SplitOptions, splitDataset } from "./split.ts";
export { spreadIndices, spreadSamples } from "./spread.ts";
export type { Store } from "./store.ts";
export { assertStoreName, missingFile } from "./store.ts";
export { seenByTeacher, withTeacherInputs } from "./teacher-inputs.ts";
export { encodeTexts, paddingId, textEncoding, tokens, unknownId } from "./text/tokens.ts";
export { makeViews, type ViewReader, type ViewSpec } from "./views.ts";
export { type TimeSeries, type WindowsOptions, windowCount, windowedDataset } from "./windows.ts";
export { labelledSamples, onlyClasses, withLabels, withoutLabels } from "./with-labels.ts";
export { withTransfer } from "./with-transfer.ts";
