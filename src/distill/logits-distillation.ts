/** @file The distillation loss as Keras names it. */

import type { DistillationLossName } from "./losses/index.ts";
import type { DistillationLoss } from "./objective.ts";
import type { DistillationSpec, NamedLossSpec } from "./training-spec.ts";

/** A distillation term: what a spec says, or a loss of the user's own. */
export interface NamedDistillation {
  readonly spec: DistillationSpec;
  readonly loss?: DistillationLoss;
}

export interface LogitsDistillationOptions {
  /** T > 0; default 4 (Keras's is 3) */
  readonly temperature?: number;
  /**
   * "kl_divergence" (default): T²-scaled KL(teacher ‖ student); "mse": zero-mean logit matching;
   * another of `distillationLosses`, by name or with its options; or a function
   */
  readonly loss?: "kl_divergence" | "mse" | DistillationLossName | NamedLossSpec | DistillationLoss;
}

/**
 * Distils from the teacher's logits, as `keras.distillation.LogitsDistillation` does; T² scaling is
 * always on.
 *
 * @see softTargetLoss, logitMatchingLoss for the formulas
 */
export function LogitsDistillation(options: LogitsDistillationOptions = {}): NamedDistillation {
  const { temperature = 4, loss = "kl_divergence" } = options;
  if (typeof loss === "function") return { spec: { temperature }, loss };
  if (loss === "kl_divergence") return { spec: { temperature, loss: "softTargets" } };
  return { spec: { temperature, loss: loss === "mse" ? "logits" : loss } };
}
