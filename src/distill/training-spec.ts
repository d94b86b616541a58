/** @file How a network is trained, as data. */

import type { Augmentation } from "../data/index.ts";
import type { QuantizationAwareSpec } from "../device/quantize/index.ts";
import type { OptimizerSpec, ScheduleSpec } from "../engine/optim/index.ts";
import type { ParameterGroup } from "../engine/train/index.ts";
import type {
  DistillationLossName,
  DistillationLossSpec,
  FeatureLossName,
  FeatureLossSpec,
} from "./losses/index.ts";

/** What is taken out of a network while it trains. */
export interface PruningSpec {
  /** share of each kernel's weights, or of each layer's units or channels, in (0, 1) */
  readonly sparsity: number;
  /** default 0 */
  readonly startEpoch?: number;
  /**
   * when the sparsity is reached, before the last epoch; only epochs after it can be the best.
   * Default three quarters of all
   */
  readonly endEpoch?: number;
  /**
   * "weights" (default): zeros; "units": hidden units of an mlp; "channels": channels of a cnn,
   * resnet8, dsCnn, mobileNetV1 or tcn, and hidden units behind them. Units and channels are gone
   * from the student that comes out
   */
  readonly structure?: "weights" | "units" | "channels";
}

/** Penalties on a network's kernels, added to what is minimised. */
export interface RegularizationSpec {
  /** factor of Σ|w|; default 0 */
  readonly l1?: number;
  /** factor of Σ over units of √n ‖w‖₂, n weights a unit: group lasso; default 0 */
  readonly groupLasso?: number;
}

export interface TrainingSpec {
  readonly epochs: number;
  /** default 128 */
  readonly batchSize?: number;
  /**
   * compute each batch in so many parts, which must divide batchSize, and sum their gradients:
   * less memory, the same step but for rounding. Batch normalisation sees the parts one by one.
   * Refused with a named loss that relates samples of a batch to one another (dist, and of features
   * similarity, relation and graph); a custom loss must be a sum over samples. Default 1
   */
  readonly accumulate?: number;
  /** default {name: "adam"} */
  readonly optimizer?: OptimizerSpec;
  /** default cosine from 0.001 to 0 */
  readonly learningRate?: ScheduleSpec;
  /** limit of the gradients' global norm; default none */
  readonly clipNorm?: number;
  /** limit of each unit's incoming weight norm; default none */
  readonly maxNorm?: number;
  /** penalties beside weight decay, which is the optimiser's; default none */
  readonly regularization?: RegularizationSpec;
  /** which parameters decay; default kernels */
  readonly decay?: "kernels" | "all";
  /**
   * parts of the network with a learning rate or a weight decay of their own, or frozen; default
   * none
   */
  readonly parameterGroups?: readonly ParameterGroup[];
  /** epochs without a better validation accuracy before training stops; default never */
  readonly patience?: number;
  /**
   * the epoch whose weights are kept: the one that was best on validation (default), or the last,
   * for a final training on all samples, where nothing is left to choose by
   */
  readonly keep?: "best" | "last";
  /** a new augmented view each epoch; default none */
  readonly augmentation?: Augmentation;
  /** ε in [0, 1); default 0 */
  readonly labelSmoothing?: number;
  /**
   * classes that the hard labels' softmax runs over: "all" (default), or "seen", those of which the
   * training samples have labels: nothing then says of a new class's sample that it is no old one
   */
  readonly hardClasses?: "all" | "seen";
  /**
   * train on the grid of the int8 network, under any loss: the student's accuracy is then that of
   * its quantised form, and its export takes the trained ranges. Default: not
   */
  readonly quantizationAware?: QuantizationAwareSpec;
  /** zeros among the weights, or whole units or channels gone, under any loss; default none */
  readonly pruning?: PruningSpec;
  /** threads of the runtime for this training; default 1 */
  readonly threads?: number;
}

/** A loss with its options; T² scaling is the spec's. */
export type NamedLossSpec = {
  [N in DistillationLossName]: Omit<DistillationLossSpec<N>, "scaleByTemperatureSquared">;
}[DistillationLossName];

/** A pair of layers, and what makes the student's like the teacher's. */
export interface FeatureSpec {
  /** the student's layer by its path, "hidden1"; for gram two, the first before the second */
  readonly student: string | readonly [string, string];
  /** the teacher's; of an .onnx file the name of a tensor */
  readonly teacher: string | readonly [string, string];
  /** by name, or with its options: {name: "relation", angleWeight: 0}; default "hint" */
  readonly loss?: FeatureLossName | FeatureLossSpec;
  /** default hint 0.1, attention 1, similarity 3, relation 1, graph 0.025, gram 0.05 */
  readonly weight?: ScheduleSpec;
}

/** A discriminator of logits, and how much the student tries to fool it. */
export interface AdversarialSpec {
  /** of the student's term; default 0.1. The discriminator's own term weighs 1 */
  readonly weight?: ScheduleSpec;
  /** units of the discriminator's hidden layers; [] is a linear one; default [64] */
  readonly hidden?: readonly number[];
}

/** What the distillation term is. */
export interface DistillationSpec {
  /**
   * "softTargets" (default): softened KL, of each class on its own for a teacher that ends in a
   * sigmoid; "logits": squared error of zero-mean logits; or another of `distillationLosses`, with
   * its options: {name: "dkd", alpha: 1, beta: 8}. Unlabelled samples weigh nothing in a loss that
   * needs labels
   */
  readonly loss?: DistillationLossName | NamedLossSpec;
  /** T > 0, fixed or scheduled; default 4, whatever the loss */
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
  /**
   * Inner layers that the student learns from besides the logits. The teacher, one network of
   * Potstill's or an .onnx file, is asked for them while the student trains: a package has none.
   * Default none
   */
  readonly features?: readonly FeatureSpec[];
  /**
   * A discriminator that learns to tell the student's logits from the teacher's, which the student
   * learns to fool besides; soft labels are enough. Default none
   */
  readonly adversarial?: AdversarialSpec;
}

export const defaults = {
  batchSize: 128,
  learningRate: { kind: "cosine", value: 0.001 },
  temperature: 4,
  softWeight: 0.9,
  hardWeight: 0.1,
  adversarial: { weight: 0.1, hidden: [64] },
} as const;
