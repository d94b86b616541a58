export { gradients } from "./autodiff/index.ts";
export { type CompileOptions, compileGraph, compileSteps, type Step } from "./compile/index.ts";
export * from "./data/index.ts";
export * from "./distill/index.ts";
export * from "./errors/index.ts";
export {
  type CExport,
  type ExportCOptions,
  type ExportOnnxInt8Options,
  type ExportTfliteOptions,
  exportC,
  exportFrontEnd,
  exportOnnx,
  exportOnnxInt8,
  exportTflite,
  type FrontEndFiles,
} from "./export/index.ts";
export { constant, type Graph, input, printGraph, type Value } from "./graph/index.ts";
export { type ImportOptions, importableOperators, importOnnx } from "./import/index.ts";
export * from "./losses/index.ts";
export { buildNetwork, type NetworkSpec, type NetworkSummary, summarize } from "./nn/index.ts";
export { buildOptimizer, type OptimizerSpec, type ScheduleSpec, schedule } from "./optim/index.ts";
export {
  type CalibrationMethod,
  type CalibrationOptions,
  calibrationMethods,
  type FrontEnd,
  type FrontEndOptions,
  frontEndFrame,
  planFrontEnd,
  type QuantizedGraph,
  type QuantizeOptions,
  quantizeGraph,
  quantizeSamples,
  type Rounding,
  runFrontEnd,
  runQuantized,
} from "./quantize/index.ts";
export type { Resident, Runtime, Session, SessionOptions } from "./runtime/index.ts";
export { type Tensor, tensor } from "./tensor/index.ts";
export {
  type EpochRecord,
  type Model,
  modelHash,
  networkOf,
  type ParameterGroup,
  readModel,
  type TrainEvent,
  writeModel,
} from "./train/index.ts";
