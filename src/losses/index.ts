export { type HardLabelOptions, hardLabelLoss } from "./hard-label-loss.ts";
export { logitMatchingLoss } from "./logit-matching-loss.ts";
export { type SoftTargetOptions, softTargetLoss } from "./soft-target-loss.ts";
export { type EnsembleMean, softTargets } from "./soft-targets.ts";
export type { Temperature } from "./temperature.ts";
export { type SampleWeighting, weightedSum } from "./weighted-sum.ts";
