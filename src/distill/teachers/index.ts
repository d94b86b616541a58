export type { AnswerRows, TeacherAnswer } from "./answer.ts";
export { assertModelFits } from "./assert-model-fits.ts";
export {
  assertTeacherClasses,
  assertTeacherUnchanged,
  batchTolerance,
  repeatedLogits,
} from "./assert-teacher.ts";
export { averagedTeacher } from "./averaged-teacher.ts";
export { type EnsembleOptions, ensembleTeacher } from "./ensemble-teacher.ts";
export { type EnsembleWeights, validationWeights } from "./ensemble-weights.ts";
export { type FunctionTeacherOptions, functionTeacher, type Question } from "./function-teacher.ts";
export type { InputLayout } from "./onnx-input.ts";
export { encodingMetadata, onnxEncoding, onnxFacts, onnxMetadata } from "./onnx-metadata.ts";
export type { OutputKind } from "./onnx-output.ts";
export { type OnnxTeacherOptions, onnxTeacher } from "./onnx-teacher.ts";
export { assertNotAborted } from "./retry.ts";
export { assertFrames, assertVocabulary, type SampleEncoding } from "./sample-encoding.ts";
export type {
  Teacher,
  TeacherBatch,
  TeacherDescription,
  TeacherFeatures,
  TeacherWorkload,
} from "./teacher.ts";
