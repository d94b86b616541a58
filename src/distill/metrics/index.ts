export { accuracy, correctSamples, errorCount } from "./accuracy.ts";
export { agreement } from "./agreement.ts";
export { areaUnderRoc } from "./area-under-roc.ts";
export {
  type BootstrapOptions,
  bootstrapMean,
  bootstrapRatio,
  type Interval,
  pairedDifference,
} from "./bootstrap.ts";
export {
  type Calibration,
  calibration,
  pooledCalibration,
  type ReliabilityBin,
} from "./calibration.ts";
export { sharedClassBias, withBias } from "./class-bias.ts";
export { confusionMatrix, sumConfusion } from "./confusion-matrix.ts";
export { areaUnderCurve, epochsToReach } from "./convergence.ts";
export {
  type FrameCounts,
  frameAccuracy,
  frameCounts,
} from "./frame-accuracy.ts";
export {
  type GainCounts,
  type GainKept,
  type GainOptions,
  gainKept,
} from "./gain-kept.ts";
export { type Groups, leastGroups } from "./groups.ts";
export { type KlOptions, klToTeacher } from "./kl-to-teacher.ts";
export { logSoftmaxRow } from "./log-softmax.ts";
export { negativeLogLikelihood } from "./negative-log-likelihood.ts";
export { type ClassScores, perClassScores } from "./per-class.ts";
export { perClassBias } from "./per-class-bias.ts";
export { predictions } from "./predictions.ts";
export { quantile } from "./quantile.ts";
export { type ScoreSelection, selectScores } from "./select-scores.ts";
export {
  type ConditionalAccuracy,
  type CoverageRow,
  changesByCoverage,
  conditionalAccuracy,
} from "./specialist-tables.ts";
export { topKAccuracy } from "./top-k.ts";
export {
  type AlignedWord,
  alignWords,
  errorsOf,
  type WordAlignment,
  type WordErrors,
  wordErrorRate,
} from "./word-errors.ts";
