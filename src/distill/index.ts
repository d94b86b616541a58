export { AdversarialDistillation } from "./adversarial-distillation.ts";
export {
  assertCorrectable,
  type BiasCorrection,
  biasCorrections,
  correctBias,
} from "./class-bias.ts";
export * from "./data-free/index.ts";
export {
  type Distillation,
  Distiller,
  type DistillerData,
  type DistillerFitOptions,
  type DistillerOptions,
  type FoundDistillation,
  type TeacherChoice,
} from "./distiller.ts";
export type { DistillEvent } from "./events.ts";
export { extendClasses } from "./extend-classes.ts";
export { FeatureDistillation, type NamedFeature } from "./feature-distillation.ts";
export type { FeatureSource } from "./features/feature-terms.ts";
export { type OpenFeatures, openFeatures } from "./features/open-features.ts";
export { modelLatency } from "./final-stage.ts";
export { type Job, type JobContext, type JobResult, runJob, type SoftSource } from "./job.ts";
export { type JobPlace, jobPlace } from "./job-files.ts";
export { type LabelEvent, type LabelOptions, type LabelViews, label, labelAll } from "./label.ts";
export { assertLearning, hasLabels } from "./learning-rules.ts";
export {
  LogitsDistillation,
  type LogitsDistillationOptions,
  type NamedDistillation,
} from "./logits-distillation.ts";
export { memberLogits, teacherLogits } from "./member-logits.ts";
export { modelLogits } from "./model-logits.ts";
export type { DistillationLoss } from "./objective.ts";
export {
  assertOnnxParity,
  type OnnxStudent,
  onnxStudent,
  onnxStudentLogits,
  type SampleForm,
} from "./onnx-student.ts";
export {
  type ArmName,
  type ArmResult,
  type ArmRun,
  armNames,
  type DistillOptions,
  type DistillResult,
  type EnsembleSource,
  type LabelSpec,
  type MemberWeights,
  type SelfCheck,
  type SpecialistsSource,
  type TeacherSource,
  type TrainedTeacher,
  type TuningSpec,
} from "./options.ts";
export { packageJob } from "./package-job.ts";
export { packageWeights } from "./package-weights.ts";
export { quantizeModel } from "./quantize-model.ts";
export * from "./recognition/index.ts";
export {
  type ExecuteDistillationOptions,
  executeDistillation,
  runDistillation,
} from "./run-distillation.ts";
export { assertClasses, assertLabelled } from "./run-plan.ts";
export { assertPlainPairs } from "./sample-reader.ts";
export { scaled, searchedFamilies, startingPoints } from "./search/candidates.ts";
export { type Footprint, footprintOf } from "./search/footprint.ts";
export type { Candidate, SearchPlan, StudentBudget, StudentSearch } from "./search/plan-search.ts";
export type { SearchEvent, SearchResult, SearchTrial } from "./search/search-student.ts";
export { assertLabelledViews, assertNeedsNoTeacher } from "./soft-label-rules.ts";
export {
  frontEndOf,
  type HeardSound,
  heardSound,
  isSoundModel,
  logMelFeatures,
  modelAfterLogMel,
  quantizeAfterLogMel,
  type SoundModel,
  soundSamples,
} from "./sound-model.ts";
export * from "./specialists/index.ts";
export { studentFile } from "./student-file.ts";
export { givenStartHash, teacherOfOtherInputs } from "./student-start.ts";
export {
  type HalvingOptions,
  type HalvingTrial,
  halvingRungs,
  type Rung,
  type RungOptions,
  successiveHalving,
} from "./successive-halving.ts";
export * from "./tasks/index.ts";
export type { TeacherPart, TeacherParts } from "./teacher-parts.ts";
export {
  assertFrames,
  assertModelFits,
  averagedTeacher,
  type EnsembleOptions,
  type EnsembleWeights,
  encodingMetadata,
  ensembleTeacher,
  type FunctionTeacherOptions,
  functionTeacher,
  onnxEncoding,
  onnxFacts,
  type SampleEncoding,
  type Teacher,
  type TeacherDescription,
  type TeacherFeatures,
  validationWeights,
} from "./teachers/index.ts";
export type { TeacherThreads } from "./teachers/local-work.ts";
export { type NetworkTeacherOptions, networkTeacher } from "./teachers/network-teacher.ts";
export { type OnnxTeacherOptions, onnxTeacher } from "./teachers/onnx-teacher.ts";
export type { Accuracy } from "./test-accuracy.ts";
export { trainTeacherAlone } from "./train-teacher.ts";
export { type Model, modelHash, networkOf, readModel, writeModel } from "./training/model-file.ts";
export {
  type AdversarialSpec,
  type DistillationSpec,
  defaults,
  type FeatureSpec,
  type NamedLossSpec,
  type PruningSpec,
  type RegularizationSpec,
  type TrainingSpec,
} from "./training-spec.ts";
export {
  type PaperExperiment,
  paperExperiments,
  type TransferOptions,
  type TransferResult,
  type TransferRow,
  type TransferRun,
  type TransferSystem,
  trainingWords,
} from "./transfer.ts";
