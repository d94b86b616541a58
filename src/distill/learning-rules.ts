/** @file At any time of a training there must be something to learn. */

import { type Dataset, UNLABELLED } from "../data/index.ts";
import { schedule } from "../engine/optim/index.ts";
import { ConfigError } from "../errors/index.ts";
import { adversarialWeight } from "./adversarial.ts";
import { featureWeight } from "./features/feature-terms.ts";
import { type DistillationSpec, defaults } from "./training-spec.ts";

/** @returns whether a sample has a label that its student may see */
export function hasLabels({ labels }: Pick<Dataset, "labels">): boolean {
  return labels.some((label) => label !== UNLABELLED);
}

/**
 * Weights of windows are 0 outside them: at any time there must be one that is not. Features alone
 * train no last layer, and a discriminator sees what logits there are, but not which sample has
 * which: at some time there must be a soft or a hard one.
 *
 * @param seesLabels false: no sample has a label for the student, so hardWeight weighs nothing
 * @throws ConfigError "config/conflict"; as the schedules
 */
export function assertLearning(spec: DistillationSpec = {}, seesLabels = true): void {
  const {
    softWeight = defaults.softWeight,
    hardWeight = defaults.hardWeight,
    features = [],
    adversarial,
  } = spec;
  const outer = { softWeight, ...(seesLabels && { hardWeight }) };
  const beside = [...features, ...(adversarial === undefined ? [] : [adversarial])];
  const edges = [...Object.values(outer), ...beside.map(({ weight }) => weight)].flatMap((each) =>
    typeof each === "object" && each?.kind === "windows" ? each.on.flat() : [],
  );
  const starts = [...new Set([0, ...edges])].filter((share) => share < 1).sort((a, b) => a - b);
  // a schedule may begin or end at 0: between its edges it tells
  const middles = starts.map((from, at) => (from + (starts[at + 1] ?? 1)) / 2);
  const last = Object.entries(outer).map(([name, each]) =>
    schedule(each, `distillation.${name}`, { from: 0 }),
  );
  const fooling = adversarial === undefined ? [] : [adversarialWeight(adversarial)];
  const all = [...last, ...features.map(featureWeight), ...fooling];
  const isOff = (weights: typeof all, share: number): boolean =>
    weights.every((weight) => weight(share, 1) === 0);
  const from = starts.find((_, at) => isOff(all, middles[at]!)); // one each
  if (from !== undefined) throw nothingToLearn(from, seesLabels);
  if (middles.every((share) => isOff(last, share)))
    throw features.length > 0 ? noLastLayer(seesLabels) : noSample(seesLabels);
}

function nothingToLearn(from: number, seesLabels: boolean): ConfigError {
  return new ConfigError("config/conflict", {
    where: "distillation",
    rule: seesLabels
      ? "softWeight and hardWeight must not both be 0: nothing would be learned"
      : "softWeight must not be 0 where the student sees no label: nothing would be learned",
    got: `${seesLabels ? "0 and 0" : "0"}${from === 0 ? "" : ` from ${from} of the run on`}`,
    fix: seesLabels ? "Raise one of them" : "Raise softWeight, or keep some labels",
  });
}

function noLastLayer(seesLabels: boolean): ConfigError {
  return offThroughout(seesLabels, "features alone train no last layer", "features");
}

function noSample(seesLabels: boolean): ConfigError {
  const why = "a discriminator does not see which sample has which logits";
  return offThroughout(seesLabels, why, "adversarial");
}

function offThroughout(seesLabels: boolean, why: string, beside: string): ConfigError {
  return new ConfigError("config/conflict", {
    where: "distillation",
    rule: `${seesLabels ? "softWeight or hardWeight" : "without labels softWeight"} must be above 0 at some time: ${why}`,
    got: `0 throughout, beside ${beside}`,
    fix: seesLabels ? "Raise one of them" : "Raise softWeight, or keep some labels",
  });
}
