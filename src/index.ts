export * from "./data/index.ts";
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
} from "./device/export/index.ts";
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
} from "./device/quantize/index.ts";
export * from "./distill/index.ts";
export * from "./distill/losses/index.ts";
export { gradients } from "./engine/autodiff/index.ts";
export {
  type CompileOptions,
  compileGraph,
  compileSteps,
  type Step,
} from "./engine/compile/index.ts";
export { constant, type Graph, input, printGraph, type Value } from "./engine/graph/index.ts";
export { type ImportOptions, importableOperators, importOnnx } from "./engine/import/index.ts";
export {
  buildNetwork,
  type NetworkSpec,
  type NetworkSummary,
  summarize,
} from "./engine/nn/index.ts";
export {
  buildOptimizer,
  type OptimizerSpec,
  type ScheduleSpec,
  schedule,
} from "./engine/optim/index.ts";
export type { Resident, Runtime, Session, SessionOptions } from "./engine/runtime/index.ts";
export { type Tensor, tensor } from "./engine/tensor/index.ts";
export type { EpochRecord, ParameterGroup, TrainEvent } from "./engine/train/index.ts";
export * from "./errors/index.ts";
