/** @file Features as the losses of a Distiller, alone or beside one of the logits. */

import { ConfigError } from "../errors/index.ts";
import type { NamedDistillation } from "./logits-distillation.ts";
import type { DistillationSpec, FeatureSpec } from "./training-spec.ts";

/** One pair of layers; without a loss of the logits beside it, nothing is learned of those. */
export interface NamedFeature extends NamedDistillation {
  readonly spec: { readonly features: readonly FeatureSpec[]; readonly softWeight: 0 };
}

/**
 * Makes a layer of the student like one of the teacher, as `keras.distillation.FeatureDistillation`
 * does; its weight is the pair's own.
 *
 * @example
 *   const distillationLoss = [
 *     LogitsDistillation({ temperature: 4 }),
 *     FeatureDistillation({ student: "hidden1", teacher: "hidden2", loss: "hint", weight: 1 }),
 *   ];
 * @see FeatureSpec for losses and their default weights
 */
export function FeatureDistillation(pair: FeatureSpec): NamedFeature {
  return { spec: { features: [pair], softWeight: 0 } };
}

/**
 * @returns several losses as one: all pairs of features, and the loss of the logits if there is one
 * @throws ConfigError "config/conflict" for several losses of the logits, or none at all
 */
export function joinedDistillation(losses: readonly NamedDistillation[]): NamedDistillation {
  const [logits, ...others] = losses.filter((each) => !isFeature(each));
  if (losses.length === 0 || others.length > 0)
    throw new ConfigError("config/conflict", {
      where: "distillationLoss",
      rule: "a list holds pairs of features, and at most one loss of the logits",
      got: losses.length === 0 ? "an empty list" : `${1 + others.length} losses of the logits`,
      fix: "Write one function of the logits that sums them, and give it to LogitsDistillation",
    });
  const features = losses.flatMap(({ spec }) => spec.features ?? []);
  if (logits === undefined) return { spec: { features, softWeight: 0 } };
  return features.length === 0 ? logits : { ...logits, spec: { ...logits.spec, features } };
}

/**
 * @throws ConfigError "config/conflict" for a weight of the logits' loss where features are alone
 */
export function assertHasLogits(spec: DistillationSpec): void {
  if (!isFeature({ spec })) return;
  throw new ConfigError("config/conflict", {
    where: "distillationLossWeight",
    rule: "it is the weight of the logits' loss; each feature has its own",
    got: "features alone",
    fix: "Give FeatureDistillation the weight, or add LogitsDistillation to the list",
  });
}

function isFeature({ spec }: NamedDistillation): boolean {
  return Object.keys(spec).length === 2 && spec.features !== undefined && spec.softWeight === 0;
}
