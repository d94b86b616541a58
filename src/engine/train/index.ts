export type { CheckpointEvent, EpochEvent, EpochRecord, StepsEvent, TrainEvent } from "./events.ts";
export {
  assembleSlabs,
  type Feed,
  type FeedInput,
  type Slabs,
  slabAssembler,
  stepsInCall,
} from "./feed.ts";
export { fit, type Validation } from "./fit.ts";
export { loadGraph, runOnAnyKernels } from "./limited-kernels.ts";
export { microSlabs } from "./micro-batches.ts";
export { type ParameterGroup, parameterRules } from "./parameter-groups.ts";
export {
  featureGraph,
  inferenceGraph,
  inferredOutput,
  logitsOutput,
  openPredictor,
} from "./predictor.ts";
export type { Progress } from "./progress.ts";
export { type PruneOptions, pruned, prunedWeights } from "./prune.ts";
export { withoutDeadChannels } from "./remove-channels.ts";
export {
  buildStep,
  type InnerValues,
  learningRateInput,
  type Objective,
  type ObjectiveTerm,
  type StepOptions,
  samplesInput,
  seedInput,
  slotName,
  stepParameters,
} from "./step-builder.ts";
export type { StepMetrics } from "./step-caller.ts";
export {
  isFiniteState,
  type NonFinite,
  openStepRunner,
  type StepRunner,
  type TrainState,
} from "./step-runner.ts";
