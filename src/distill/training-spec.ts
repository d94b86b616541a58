/** @file How a network is trained, as data. */

import type { Augmentation } from "../data/index.ts";
import type { OptimizerSpec, ScheduleSpec } from "../optim/index.ts";

export interface TrainingSpec {
  readonly epochs: number;
  /** default 128 */
  readonly batchSize?: number;
  /** default {name: "adam"} */
  readonly optimizer?: OptimizerSpec;
  /** default cosine from 0.001 to 0 */
  readonly learningRate?: ScheduleSpec;
  /** limit of the gradients' global norm; default none */
  readonly clipNorm?: number;
  /** limit of each unit's incoming weight norm; default none */
  readonly maxNorm?: number;
  /** which parameters decay; default kernels */
  readonly decay?: "kernels" | "all";
  /** epochs without a better validation accuracy before training stops; default never */
  readonly patience?: number;
  /** a new augmented view each epoch; default none */
  readonly augmentation?: Augmentation;
  /** ε in [0, 1); default 0 */
  readonly labelSmoothing?: number;
  /** threads of the runtime for this training; default 1 */
  readonly threads?: number;
}

/** What the distillation term is. */
export interface DistillationSpec {
  /** "softTargets" (default): softened KL; "logits": squared error of zero-mean logits */
  readonly loss?: "softTargets" | "logits";
  /** T > 0, fixed or scheduled; default 4 */
  readonly temperature?: ScheduleSpec;
  /** weight of the distillation term; default 0.9 */
  readonly softWeight?: ScheduleSpec;
  /** weight of the hard-label term at T = 1; default 0.1. The weights need not sum to 1. */
  readonly hardWeight?: ScheduleSpec;
  /** multiply the soft term by T²; default true */
  readonly scaleByTemperatureSquared?: boolean;
  /**
   * Ask the teacher at every step, about the very batch, and round its logits to the package's
   * precision. Slow, and the same student byte for byte as from the package: for comparison.
   * Default false
   */
  readonly live?: boolean;
}

export const defaults = {
  batchSize: 128,
  learningRate: { kind: "cosine", value: 0.001 },
  temperature: 4,
  softWeight: 0.9,
  hardWeight: 0.1,
} as const;
