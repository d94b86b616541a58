/** @file The distillation loss that a spec names, as the teacher's soft labels allow it. */

import type { SoftLabelManifest } from "../data/index.ts";
import { ConfigError } from "../errors/index.ts";
import {
  buildDistillationLoss,
  type DistillationLossSpec,
  distillationLosses,
  type EnsembleMean,
  type LogitLoss,
} from "./losses/index.ts";
import type { DistillationSpec } from "./training-spec.ts";

export interface NamedLoss {
  readonly loss: LogitLoss;
  /** the same with T² scaling the other way; null for a loss that has none */
  readonly otherScale: LogitLoss | null;
  /** what of the loss T² multiplies, if it is on */
  readonly temperatureScale: "whole" | "part" | "none";
  /** true: samples without label must weigh nothing in this term */
  readonly needsLabels: boolean;
  /** true: it is no sum over parts of a batch */
  readonly relatesSamples: boolean;
  readonly isSoftTargets: boolean;
  /** T² scaling is on */
  readonly scaled: boolean;
}

/** What the loss must know of the teacher. */
export type LossTeacher = Pick<SoftLabelManifest, "combine" | "weights" | "teacherClasses"> & {
  readonly members: readonly { readonly kind: SoftLabelManifest["members"][number]["kind"] }[];
};

/**
 * "softTargets" of a teacher of independent classes (sigmoid members) compares its classes one by
 * one: it is sigmoidTargets.
 *
 * @throws ConfigError "config/unknown-name"; "config/conflict" for a loss that takes a softmax of
 *   sigmoid logits, or a sigmoid of log-probabilities, and for one that needs labels where the
 *   teacher does not know all classes
 */
export function namedLoss(spec: DistillationSpec, teacher: LossTeacher): NamedLoss {
  const { scaleByTemperatureSquared: scaled = true } = spec;
  const asked = typeof spec.loss === "object" ? spec.loss : { name: spec.loss ?? "softTargets" };
  const isSigmoid = teacher.members[0]?.kind === "sigmoid"; // members do not mix it with others
  const own =
    isSigmoid && asked.name === "softTargets" ? { ...asked, name: "sigmoidTargets" } : asked;
  const mean = ensembleMeanOf(teacher);
  const build = (scaleByTemperatureSquared: boolean): LogitLoss =>
    // a spec of one name is a spec; losses without the option do not look at it
    buildDistillationLoss({ ...own, scaleByTemperatureSquared } as DistillationLossSpec, mean);
  const loss = build(scaled); // refuses an unknown name
  assertFits(own.name, teacher);
  const { needsLabels, temperatureScale, relatesSamples } =
    distillationLosses[own.name as keyof typeof distillationLosses]; // known, as build has seen
  if (needsLabels) assertKnowsLabels(own.name, teacher);
  return {
    loss,
    otherScale: temperatureScale === "whole" ? build(!scaled) : null,
    temperatureScale,
    needsLabels,
    relatesSamples,
    isSoftTargets: own.name === "softTargets" && !("standardize" in own && own.standardize),
    scaled,
  };
}

/** @returns how the teacher's members become one distribution */
export function ensembleMeanOf({ combine, weights }: LossTeacher): EnsembleMean {
  return weights === undefined ? combine : { mean: combine, weights };
}

/**
 * Refuses to compute a batch in parts under a loss that is not the sum of its parts.
 *
 * @throws ConfigError "config/conflict" for `accumulate` above 1
 */
export function assertSumsParts(
  {
    loss,
    relatesSamples,
    instead = "softTargets",
  }: {
    readonly loss: string | { readonly name: string } | undefined;
    readonly relatesSamples: boolean;
    /** default softTargets */
    readonly instead?: string;
  },
  accumulate = 1,
): void {
  if (accumulate === 1 || !relatesSamples) return;
  throw new ConfigError("config/conflict", {
    where: "training.accumulate",
    rule: "this loss relates the samples of a batch to one another, so parts of a batch do not add up to it",
    got: `accumulate ${accumulate} with ${typeof loss === "object" ? loss.name : loss}`,
    fix: `Leave accumulate out and lower batchSize, or use another loss, such as ${instead}`,
    details: { accumulate },
  });
}

/** A loss that looks at the label's logit has none of a class that the teacher does not know. */
function assertKnowsLabels(name: string, { teacherClasses }: LossTeacher): void {
  if (teacherClasses === undefined) return;
  throw new ConfigError("config/conflict", {
    where: "distillation.loss",
    rule: "this loss needs the teacher's logit of each sample's label",
    got: `${name}, and a teacher whose logits are of ${teacherClasses.join(", ")}`,
    fix: "Use a loss without labels, such as softTargets",
  });
}

function assertFits(name: string, { members }: LossTeacher): void {
  const kinds = members.map(({ kind }) => kind);
  const isSigmoidLoss = name === "sigmoidTargets";
  const refuse = (rule: string, got: string, fix: string): never => {
    throw new ConfigError("config/conflict", { where: "distillation.loss", rule, got, fix });
  };
  if (kinds[0] === "sigmoid" && !isSigmoidLoss)
    refuse(
      "a teacher that ends in a sigmoid gives each class a probability of its own, which this loss would take for parts of one distribution",
      name,
      "Use softTargets, which compares such a teacher's classes one by one",
    );
  if (isSigmoidLoss && kinds.includes("log-probabilities"))
    refuse(
      "sigmoidTargets needs a logit for each class on its own",
      "a teacher that gives probabilities of one distribution",
      "Use softTargets",
    );
}
