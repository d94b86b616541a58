export { adversarialLoss, discriminatorLoss } from "./adversarial-loss.ts";
export { type DistOptions, distLoss } from "./dist-loss.ts";
export { type DkdOptions, dkdLoss } from "./dkd-loss.ts";
export * from "./features/index.ts";
export { type HardLabelOptions, hardLabelLoss } from "./hard-label-loss.ts";
export { type JensenShannonOptions, jensenShannonLoss } from "./jensen-shannon-loss.ts";
export { logitMatchingLoss } from "./logit-matching-loss.ts";
export { type NkdOptions, nkdLoss } from "./nkd-loss.ts";
export { reconstructionErrors, reconstructionLoss } from "./reconstruction-loss.ts";
export {
  buildDistillationLoss,
  type DistillationLossEntry,
  type DistillationLossName,
  type DistillationLossOptions,
  type DistillationLossSpec,
  distillationLosses,
  type LogitLoss,
  type LossContext,
} from "./registry.ts";
export { reverseKlLoss } from "./reverse-kl-loss.ts";
export { type SigmoidTargetOptions, sigmoidTargetLoss } from "./sigmoid-target-loss.ts";
export { type SkewKlOptions, skewKlLoss } from "./skew-kl-loss.ts";
export { type SoftTargetOptions, softTargetLoss } from "./soft-target-loss.ts";
export { type EnsembleMean, type MeanName, meanLogits, softTargets } from "./soft-targets.ts";
export type { DivergenceOptions, SofteningOptions } from "./softened.ts";
export { standardizeLogits } from "./standardize-logits.ts";
export type { Temperature } from "./temperature.ts";
export { totalVariationLoss } from "./total-variation-loss.ts";
export { type VirtualTeacherOptions, virtualTeacherLoss } from "./virtual-teacher-loss.ts";
export { groupLassoPenalty, l1Penalty, type PenalizedKernel } from "./weight-penalty.ts";
export { type SampleWeighting, weightedSum } from "./weighted-sum.ts";
export { wsldLoss } from "./wsld-loss.ts";
