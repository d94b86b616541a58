export {
  effectiveLogits,
  mostProbable,
  recordedAccuracy,
  type TeacherAccuracy,
  teacherAccuracy,
} from "./accuracy.ts";
export { alignSoftLabels } from "./align.ts";
export type { SoftLabelBatch } from "./batch.ts";
export { type CombineOptions, combinedLogProbabilities, combineMembers } from "./combine.ts";
export {
  type CombineMethod,
  type Json,
  type MemberKind,
  type SeenInputs,
  type SoftLabelHeader,
  type SoftLabelManifest,
  type SoftLabelMember,
  type SoftLabelPlan,
  type SoftLabelPrecision,
  type SoftLabelShard,
  softLabelPrecisions,
} from "./manifest.ts";
export { assertSoftLabelsMatch, largestError, type SoftLabelMatch } from "./match.ts";
export { assertMemberWeights } from "./member-weights.ts";
export { roundLogits } from "./packed-logits.ts";
export { openSoftLabels, type SoftLabels } from "./reader.ts";
export { type Recombination, recombine } from "./recombine.ts";
export {
  type ClassesOfBoth,
  knownClasses,
  knownSamples,
  logitCount,
  teacherColumns,
  teacherLabels,
} from "./teacher-classes.ts";
export {
  openSoftLabelWriter,
  type SoftLabelWriter,
  type SoftLabelWriterOptions,
} from "./writer.ts";
