export { type CompileOptions, compileGraph, onnxOpset } from "./compile-graph.ts";
export type { FormChoice } from "./emit-graph.ts";
export { compileSteps, type StateSlot, type Step, stepGraph, stepsInput } from "./loop.ts";
export { shareCommonValues } from "./passes/share-common-values.ts";
