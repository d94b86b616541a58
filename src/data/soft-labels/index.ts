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
export type {
  CombineMethod,
  Json,
  MemberKind,
  SoftLabelHeader,
  SoftLabelManifest,
  SoftLabelMember,
  SoftLabelPlan,
  SoftLabelPrecision,
  SoftLabelShard,
} from "./manifest.ts";
export { assertSoftLabelsMatch, largestError, type SoftLabelMatch } from "./match.ts";
export { assertMemberWeights } from "./member-weights.ts";
export { roundLogits } from "./packed-logits.ts";
export { openSoftLabels, type SoftLabels } from "./reader.ts";
export { type Recombination, recombine } from "./recombine.ts";
export {
  openSoftLabelWriter,
  type SoftLabelWriter,
  type SoftLabelWriterOptions,
} from "./writer.ts";
