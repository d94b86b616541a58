/**
 * @file The names of a run's options, for callers without types: a misspelt one must not be
 * nothing.
 */

import type { Augmentation } from "../data/index.ts";
import type { QuantizationAwareSpec } from "../device/quantize/index.ts";
import type { AdamOptions, ScheduleSpec, SgdOptions } from "../engine/optim/index.ts";
import type { ParameterGroup } from "../engine/train/index.ts";
import { assertKnown, assertOptions, ConfigError, type OptionNames } from "../errors/index.ts";
import { featureLossOf } from "./features/feature-terms.ts";
import type { FeatureLossName, FeatureLossSpec } from "./losses/index.ts";
import type { DistillOptions, LabelSpec, TuningSpec } from "./options.ts";
import { assertSourceForm, trainedTeachers } from "./teacher-source.ts";
import type {
  AdversarialSpec,
  DistillationSpec,
  FeatureSpec,
  PruningSpec,
  RegularizationSpec,
  TrainingSpec,
} from "./training-spec.ts";

type EachOf<T> = T extends unknown ? keyof T : never;

const training: OptionNames<TrainingSpec> = {
  epochs: true,
  batchSize: true,
  accumulate: true,
  optimizer: true,
  learningRate: true,
  clipNorm: true,
  maxNorm: true,
  regularization: true,
  decay: true,
  parameterGroups: true,
  patience: true,
  keep: true,
  augmentation: true,
  labelSmoothing: true,
  hardClasses: true,
  quantizationAware: true,
  pruning: true,
  threads: true,
};
const distillation: OptionNames<DistillationSpec> = {
  loss: true,
  temperature: true,
  softWeight: true,
  hardWeight: true,
  scaleByTemperatureSquared: true,
  live: true,
  features: true,
  adversarial: true,
};
const augmentation: OptionNames<Augmentation> = {
  shift: true,
  flip: true,
  crop: true,
  fill: true,
  mixup: true,
};
const labels: OptionNames<LabelSpec> = {
  precision: true,
  views: true,
  augmentation: true,
  seed: true,
  withInputs: true,
  members: true,
};
const tuning: OptionNames<TuningSpec> = { learningRates: true };
const optimizer: OptionNames<SgdOptions & AdamOptions> & { readonly name: true } = {
  name: true,
  momentum: true,
  nesterov: true,
  weightDecay: true,
  beta1: true,
  beta2: true,
  epsilon: true,
};
const scheduled: Readonly<Record<EachOf<Exclude<ScheduleSpec, number>>, true>> = {
  kind: true,
  value: true,
  at: true,
  factor: true,
  final: true,
  warmup: true,
  on: true,
};
const pruning: OptionNames<PruningSpec> = {
  sparsity: true,
  startEpoch: true,
  endEpoch: true,
  structure: true,
};
const quantizationAware: OptionNames<QuantizationAwareSpec> = {
  startEpoch: true,
  ranges: true,
  bits: true,
  perChannelDense: true,
};
const regularization: OptionNames<RegularizationSpec> = { l1: true, groupLasso: true };
const parameterGroup: OptionNames<ParameterGroup> = {
  parameters: true,
  learningRateScale: true,
  weightDecay: true,
};
const feature: OptionNames<FeatureSpec> = {
  student: true,
  teacher: true,
  loss: true,
  weight: true,
};
const adversarial: OptionNames<AdversarialSpec> = { weight: true, hidden: true };
const featureLoss: { readonly [N in FeatureLossName]: OptionNames<FeatureLossSpec<N>> } = {
  hint: { name: true },
  attention: { name: true },
  similarity: { name: true },
  relation: { name: true, angleWeight: true, distanceWeight: true },
  graph: { name: true, neighbours: true },
  gram: { name: true },
};

/**
 * @throws ConfigError "config/unknown-name" for an option, or a word in one, that there is not;
 *   "config/type" for what should be an object
 */
export function assertRunOptions(options: DistillOptions): void {
  const { labels: labelling, tuning: tried } = options;
  assertOptions("labels", labelling, labels);
  assertOptions("labels.augmentation", labelling?.augmentation, augmentation);
  if (labelling?.members !== undefined)
    assertKnown("labels", "members", labelling.members, ["each", "averaged"]);
  assertOptions("tuning", tried, tuning);
  assertDistillationOptions(options.distillation ?? {});
  assertTrainingOptions("training", options.training);
  assertSourceForm(options.teacher);
  for (const { training: own } of trainedTeachers(options.teacher))
    assertTrainingOptions("teacher.training", own);
}

function assertTrainingOptions(where: string, spec: TrainingSpec | undefined): void {
  if (typeof spec?.epochs !== "number")
    throw new ConfigError("config/missing", {
      where,
      rule: '"epochs" is missing',
      got: `${spec?.epochs}`,
      fix: `Say how long it trains: ${where}: { epochs: 20 }`,
    });
  assertOptions(where, spec, training);
  const { keep = "best", decay = "kernels", hardClasses = "all", parameterGroups = [] } = spec;
  assertKnown(where, "keep", keep, ["best", "last"]);
  assertKnown(where, "decay", decay, ["kernels", "all"]);
  assertKnown(where, "hardClasses", hardClasses, ["all", "seen"]);
  assertOptions(`${where}.optimizer`, spec.optimizer, optimizer);
  assertOptions(`${where}.augmentation`, spec.augmentation, augmentation);
  assertOptions(`${where}.regularization`, spec.regularization, regularization);
  assertOptions(`${where}.pruning`, spec.pruning, pruning);
  const { structure = "weights" } = spec.pruning ?? {};
  assertKnown(`${where}.pruning`, "structure", structure, ["weights", "units", "channels"]);
  assertOptions(`${where}.quantizationAware`, spec.quantizationAware, quantizationAware);
  const { ranges = "moving" } = spec.quantizationAware ?? {};
  assertKnown(`${where}.quantizationAware`, "ranges", ranges, ["moving", "learned"]);
  for (const group of parameterGroups)
    assertOptions(`${where}.parameterGroups`, group, parameterGroup);
  assertSchedule(`${where}.learningRate`, spec.learningRate);
}

/** @throws as assertRunOptions */
export function assertDistillationOptions(spec: DistillationSpec): void {
  assertOptions("distillation", spec, distillation);
  for (const name of ["temperature", "softWeight", "hardWeight"] as const)
    assertSchedule(`distillation.${name}`, spec[name]);
  for (const pair of spec.features ?? []) {
    assertOptions("distillation.features", pair, feature);
    const { name } = featureLossOf(pair);
    if (typeof pair.loss === "object")
      assertOptions(`distillation.features, loss ${name}`, pair.loss, featureLoss[name]);
    assertSchedule("distillation.features.weight", pair.weight);
  }
  if (spec.adversarial === null) throw noAdversarial();
  assertOptions("distillation.adversarial", spec.adversarial, adversarial);
  assertSchedule("distillation.adversarial.weight", spec.adversarial?.weight);
}

function noAdversarial(): ConfigError {
  return new ConfigError("config/type", {
    where: "distillation.adversarial",
    rule: "there must be an object of options",
    got: "null",
    fix: "Write adversarial: {} for the defaults, or leave it out",
  });
}

function assertSchedule(where: string, spec: ScheduleSpec | undefined): void {
  if (typeof spec !== "number") assertOptions(where, spec, scheduled);
}
