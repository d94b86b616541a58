/** @file The closed registry of distillation losses, and losses as data. */

import type { Value } from "../../engine/graph/index.ts";
import { ConfigError, unknownName } from "../../errors/index.ts";
import { type DistOptions, distLoss } from "./dist-loss.ts";
import { type DkdOptions, dkdLoss } from "./dkd-loss.ts";
import { type JensenShannonOptions, jensenShannonLoss } from "./jensen-shannon-loss.ts";
import { logitMatchingLoss } from "./logit-matching-loss.ts";
import { type NkdOptions, nkdLoss } from "./nkd-loss.ts";
import { reverseKlLoss } from "./reverse-kl-loss.ts";
import { type SigmoidTargetOptions, sigmoidTargetLoss } from "./sigmoid-target-loss.ts";
import { type SkewKlOptions, skewKlLoss } from "./skew-kl-loss.ts";
import { type SoftTargetOptions, softTargetLoss } from "./soft-target-loss.ts";
import type { EnsembleMean } from "./soft-targets.ts";
import type { DivergenceOptions } from "./softened.ts";
import { standardizeLogits } from "./standardize-logits.ts";
import type { Temperature } from "./temperature.ts";
import { totalVariationLoss } from "./total-variation-loss.ts";
import { wsldLoss } from "./wsld-loss.ts";

/** What a distillation loss is given at each step, besides both models' logits. */
export interface LossContext {
  /** a number, or float32 [] */
  readonly temperature: Temperature;
  /** float32 [batch]; without it every sample weighs 1/batch */
  readonly sampleWeights?: Value | undefined;
  /**
   * int32 [batch]; only losses that need labels look at it. A sample without label needs weight 0
   * there.
   */
  readonly labels?: Value | undefined;
}

/**
 * @param studentLogits float32 [batch, classes]
 * @param teacherLogits float32 [batch, classes] or [batch, members, classes]
 * @returns float32 []
 */
export type LogitLoss = (studentLogits: Value, teacherLogits: Value, context: LossContext) => Value;

/** The part of a loss's options that a recipe holds: plain numbers and words. */
type Plain<O> = {
  readonly [K in keyof O as Exclude<K, keyof LossContext | "ensembleMean">]: Exclude<
    O[K],
    Value | undefined
  >;
};

/** Options of each loss, by its name. */
export interface DistillationLossOptions {
  /** KL of softened distributions (Hinton et al.) */
  readonly softTargets: Plain<SoftTargetOptions>;
  /** squared error of zero-mean logits (Ba and Caruana) */
  readonly logits: object;
  /** decoupled knowledge distillation; needs labels */
  readonly dkd: Plain<DkdOptions>;
  /** cross-entropy of the target, and among the others; needs labels */
  readonly nkd: Plain<NkdOptions>;
  /** softened KL, weighted by what the student has to learn of the label; needs labels */
  readonly wsld: Plain<DivergenceOptions>;
  /** correlations between and within classes */
  readonly dist: Plain<DistOptions>;
  /** generalised Jensen-Shannon divergence (GKD) */
  readonly jensenShannon: Plain<JensenShannonOptions>;
  /** KL(student ‖ teacher) */
  readonly reverseKl: Plain<SoftTargetOptions>;
  /** KL to a mixture (DistiLLM) */
  readonly skewKl: Plain<SkewKlOptions>;
  readonly totalVariation: object;
  /** softened KL of each class on its own, for teachers that end in a sigmoid */
  readonly sigmoidTargets: Plain<SigmoidTargetOptions>;
}

export type DistillationLossName = keyof DistillationLossOptions;

/**
 * A distillation loss as data: what recipes hold. `standardize` puts logit standardisation (LSKD)
 * in front.
 */
export type DistillationLossSpec<N extends DistillationLossName = DistillationLossName> = {
  [K in N]: {
    readonly name: K;
    readonly standardize?: boolean;
  } & DistillationLossOptions[K];
}[N];

export interface DistillationLossEntry<O> {
  /** true: samples without label must weigh nothing */
  readonly needsLabels: boolean;
  /** what of it T² multiplies, unless scaleByTemperatureSquared is false */
  readonly temperatureScale: "whole" | "part" | "none";
  /** true: it compares samples of a batch with one another, so it is no sum over its parts */
  readonly relatesSamples: boolean;
  readonly build: (options: O, ensembleMean: EnsembleMean) => LogitLoss;
}

type Registry = {
  readonly [N in DistillationLossName]: DistillationLossEntry<DistillationLossOptions[N]>;
};

/** Every distillation loss that a recipe can name. */
export const distillationLosses: Registry = {
  softTargets: fromOptions(softTargetLoss),
  logits: {
    needsLabels: false,
    temperatureScale: "none",
    relatesSamples: false,
    build:
      (_, ensembleMean) =>
      (student, teacher, { sampleWeights }) =>
        logitMatchingLoss(student, teacher, { sampleWeights, ensembleMean }),
  },
  dkd: fromLabels("dkd", dkdLoss),
  nkd: { ...fromLabels("nkd", nkdLoss), temperatureScale: "part" },
  wsld: fromLabels("wsld", wsldLoss),
  dist: { ...fromOptions(distLoss), relatesSamples: true },
  jensenShannon: fromOptions(jensenShannonLoss),
  reverseKl: fromOptions(reverseKlLoss),
  skewKl: fromOptions(skewKlLoss),
  totalVariation: { ...fromOptions(totalVariationLoss), temperatureScale: "none" },
  sigmoidTargets: fromOptions(sigmoidTargetLoss),
};

/**
 * @param spec name and options
 * @param ensembleMean how an ensemble's members are averaged; default "arithmetic"
 * @returns the loss that a spec names
 * @throws ConfigError "config/unknown-name"; the returned loss throws what its formula refuses
 */
export function buildDistillationLoss<N extends DistillationLossName>(
  spec: DistillationLossSpec<N>,
  ensembleMean: EnsembleMean = "arithmetic",
): LogitLoss {
  const { name, standardize = false, ...options } = spec;
  if (!Object.hasOwn(distillationLosses, name))
    throw unknownName("distillation loss", "loss", name, Object.keys(distillationLosses));
  const entry: DistillationLossEntry<DistillationLossOptions[N]> = distillationLosses[name];
  // what remains of a spec without name and standardize is that loss's options
  const loss = entry.build(options as unknown as DistillationLossOptions[N], ensembleMean);
  if (!standardize) return loss;
  return (student, teacher, context) =>
    loss(standardizeLogits(student), standardizeLogits(teacher), context);
}

/**
 * @returns the entry of a loss that takes its options, T, weights and ensemble mean in one object
 */
function fromOptions<O>(
  loss: (
    student: Value,
    teacher: Value,
    options: O & { readonly ensembleMean: EnsembleMean } & LossContext,
  ) => Value,
): DistillationLossEntry<O> {
  return {
    needsLabels: false,
    temperatureScale: "whole",
    relatesSamples: false,
    build: (options, ensembleMean) => (student, teacher, context) =>
      loss(student, teacher, { ...options, ...context, ensembleMean }),
  };
}

/** @returns the entry of a loss that takes the labels of the batch too */
function fromLabels<O>(
  name: string,
  loss: (
    student: Value,
    teacher: Value,
    labels: Value,
    options: O & { readonly ensembleMean: EnsembleMean } & Omit<LossContext, "labels">,
  ) => Value,
): DistillationLossEntry<O> {
  return {
    needsLabels: true,
    temperatureScale: "whole",
    relatesSamples: false,
    build:
      (options, ensembleMean) =>
      (student, teacher, { labels, ...context }) =>
        loss(student, teacher, labels ?? missingLabels(name), {
          ...options,
          ...context,
          ensembleMean,
        }),
  };
}

function missingLabels(name: string): never {
  throw new ConfigError("config/labels", {
    where: `distillation loss "${name}"`,
    rule: "this loss needs the labels of the batch",
    got: "none",
    fix: "Give context.labels, or choose a loss that works without labels, such as softTargets",
  });
}
