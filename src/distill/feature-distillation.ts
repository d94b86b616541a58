/** @file Features as losses of a Distiller, and a list of losses as one. */

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
 * @returns several losses as one: all pairs of features, the adversarial one and the loss of the
 *   logits, if there are such
 * @throws ConfigError "config/conflict" for several losses of the logits, several adversarial ones,
 *   or none at all
 */
export function joinedDistillation(losses: readonly NamedDistillation[]): NamedDistillation {
  const [logits, ...others] = losses.filter(({ spec }) => !isBeside(spec));
  if (losses.length === 0 || others.length > 0)
    throw new ConfigError("config/conflict", {
      where: "distillationLoss",
      rule: "a list holds pairs of features, and at most one adversarial loss and one loss of the logits",
      got: losses.length === 0 ? "an empty list" : `${1 + others.length} losses of the logits`,
      fix: "Write one function of the logits that sums them, and give it to LogitsDistillation",
    });
  const features = losses.flatMap(({ spec }) => spec.features ?? []);
  const [adversarial, ...more] = losses.flatMap(({ spec }) =>
    spec.adversarial === undefined ? [] : [spec.adversarial],
  );
  if (more.length > 0)
    throw new ConfigError("config/conflict", {
      where: "distillationLoss",
      rule: "a student has one discriminator",
      got: `${1 + more.length} adversarial losses`,
      fix: "Leave one of them in, with more units in hidden if need be",
    });
  const beside = {
    ...(features.length > 0 && { features }),
    ...(adversarial !== undefined && { adversarial }),
  };
  if (logits === undefined) return { spec: { ...beside, softWeight: 0 } };
  return { ...logits, spec: { ...logits.spec, ...beside } };
}

/**
 * @throws ConfigError "config/conflict" for a weight of the logits' loss where there is none
 */
export function assertHasLogits(spec: DistillationSpec): void {
  if (!isBeside(spec)) return;
  const there = (["features", "adversarial"] as const).filter((name) => spec[name] !== undefined);
  throw new ConfigError("config/conflict", {
    where: "distillationLossWeight",
    rule: "it is the weight of the logits' loss; each feature has its own, and so has an adversarial loss",
    got: `${there.join(" and ")} alone`,
    fix: "Give the weight to these, or add LogitsDistillation to the list",
  });
}

/** What stands beside a loss of the logits, or in its place. */
function isBeside({ features, adversarial, softWeight, ...ofLogits }: DistillationSpec): boolean {
  const isThere = features !== undefined || adversarial !== undefined;
  return isThere && softWeight === 0 && Object.keys(ofLogits).length === 0;
}
