export { type CompileOptions, compileGraph, onnxOpset } from "./compile-graph.ts";
export { estimateStepBytes, type StepBytes } from "./estimate-memory.ts";
export { type FormChoice, trainingForms } from "./forms.ts";
export { compileSteps, type StateSlot, type Step, stepGraph, stepsInput } from "./loop.ts";
export { optimizeGraph } from "./optimize-graph.ts";
export { addIntoGemm } from "./passes/add-into-gemm.ts";
export { centreInConvolution } from "./passes/centre-in-convolution.ts";
export { type HoistedRandom, hoistRandom } from "./passes/hoist-random.ts";
export { shareCommonValues } from "./passes/share-common-values.ts";
