/**
 * @file Builds a training step: forward pass, losses, backward pass and optimiser update in one
 * graph.
 */

import { unknownName } from "../../errors/index.ts";
import { gradients } from "../autodiff/index.ts";
import type { Step } from "../compile/index.ts";
import { type GraphOutput, input, type Value } from "../graph/index.ts";
import { isTrainable, type Network, networkInput, type ParameterSpec } from "../nn/index.ts";
import { add, mul } from "../ops/index.ts";
import {
  clipByGlobalNorm,
  globalNorm,
  maxNorm,
  type Optimizer,
  type UpdateInput,
} from "../optim/index.ts";
import type { Preprocessing, SampleDType, Shape } from "../tensor/index.ts";
import { accumulation, summedMetrics } from "./micro-batches.ts";
import { type ParameterGroup, type ParameterRule, parameterRules } from "./parameter-groups.ts";

/** One summand of the objective. */
export interface ObjectiveTerm {
  /** "hard", "soft"; the metric carries it */
  readonly name: string;
  /** float32 [], before weighting, so that values compare across weights */
  readonly loss: Value;
  /** float32 [], fed at each step or constant */
  readonly weight: Value;
}

/** What of a forward pass an objective may use besides the network's output. */
export interface InnerValues {
  /**
   * @param path of a layer: "hidden1", "block1/conv1". @returns what the layer gives, float32
   *   [batch, ...]
   * @throws ConfigError "config/unknown-name"
   */
  readonly feature: (path: string) => Value;
  /**
   * a parameter, by name: of the network as its layers get it, masked where it is pruned; or one of
   * the objective's own
   */
  readonly parameter: (name: string) => Value;
}

/** What is minimised: total = Σ weight · loss. */
export interface Objective {
  /** placeholders fed at each step, besides the samples */
  readonly perStep: readonly Value[];
  /** trained beside the network's, and no part of it: regressors of features, a discriminator */
  readonly parameters?: readonly ParameterSpec[];
  /**
   * @param logits float32 [batch, classes], or whatever else the network gives
   * @param seen float32 [batch, ...]: the preprocessed samples, which a reconstruction has as
   *   target
   */
  readonly terms: (logits: Value, seen: Value, inner: InnerValues) => readonly ObjectiveTerm[];
}

export interface StepOptions {
  readonly name: string;
  readonly network: Network;
  readonly objective: Objective;
  readonly optimizer: Optimizer;
  readonly sample: { readonly dtype: SampleDType; readonly shape: Shape };
  readonly preprocessing: Preprocessing;
  readonly batchSize: number;
  /** limit of the gradients' global norm; none by default */
  readonly clipNorm?: number | undefined;
  /** limit of each unit's incoming weight norm; none by default */
  readonly maxNorm?: number | undefined;
  /** which parameters decay: kernels only (default), or all */
  readonly decay?: "kernels" | "all" | undefined;
  /** parameters with a learning rate or decay of their own; the others follow the above */
  readonly parameterGroups?: readonly ParameterGroup[] | undefined;
  /**
   * micro-batches of `batchSize` samples whose gradients, loss terms and metrics are summed before
   * one update; default 1. The loss must weigh samples so that its sum over micro-batches is the
   * loss of the whole batch.
   */
  readonly microBatches?: number | undefined;
}

/** Names of the per-step inputs that every step has. */
export const samplesInput = "samples";
export const learningRateInput = "learningRate";
export const seedInput = "seed";

/** State name of an optimiser slot. */
export function slotName(slot: string, parameter: string): string {
  return `${slot}:${parameter}`;
}

/**
 * @returns the step; its metrics are "loss" (the weighted total), one per term, and "gradientNorm"
 *   if clipping is on
 * @throws whatever the network, the losses or the optimiser refuse
 */
export function buildStep(options: StepOptions): Step {
  const { objective, optimizer, sample, batchSize } = options;
  const samples = input(samplesInput, sample.dtype, [batchSize, ...sample.shape]);
  const learningRate = input(learningRateInput, "float32", []);
  const seed = input(seedInput, "uint32", []);
  const specs = stepParameters(options);
  const parameters = new Map(specs.map(({ name, shape }) => [name, input(name, "float32", shape)]));
  const { loss, terms, statistics } = forwardPass(options, samples, seed, parameters);
  const { rules, trainable } = trainedBy(options);
  const sums = (options.microBatches ?? 1) > 1 ? accumulation() : undefined;
  const own = gradients(
    loss,
    trainable.map(({ name }) => parameters.get(name)!),
  );
  const raw = sums ? own.map((value, at) => sums.summed(trainable[at]!.name, value)) : own;
  const clipped = options.clipNorm === undefined ? raw : clipByGlobalNorm(raw, options.clipNorm);
  const scalars = Object.fromEntries(
    Object.keys(optimizer.scalars).map((name) => [name, input(name, "float32", [])]),
  );
  const updated = trainable.flatMap((spec, index) =>
    updateOf(options, spec, rules.get(spec.name)!, {
      parameter: parameters.get(spec.name)!,
      gradient: clipped[index]!,
      learningRate,
      scalars,
    }),
  );
  const moved = specs
    .filter((spec) => !trainable.includes(spec))
    .map(({ name }) => ({
      before: parameters.get(name)!,
      after: statistics.get(name) ?? parameters.get(name)!, // what is frozen stays
    }));
  const losses: readonly GraphOutput[] = [
    { name: "loss", value: loss },
    ...terms.map(({ name, loss: value }) => ({ name, value })),
  ];
  const norms =
    options.clipNorm === undefined ? [] : [{ name: "gradientNorm", value: globalNorm(raw) }];
  const perStep = [samples, learningRate, seed, ...Object.values(scalars), ...objective.perStep];
  const { name } = options;
  if (sums === undefined)
    return { name, state: [...updated, ...moved], perStep, metrics: [...losses, ...norms] };
  const metrics = [...summedMetrics(losses, sums), ...norms];
  return {
    name,
    state: [...sums.held(updated), ...moved, ...sums.state()],
    perStep: [...perStep, sums.apply],
    metrics,
    microBatches: options.microBatches,
  };
}

/** @returns the network's parameters and the objective's own, which are all state of the step */
export function stepParameters({
  network,
  objective,
}: Pick<StepOptions, "network" | "objective">): readonly ParameterSpec[] {
  return [...network.parameters, ...(objective.parameters ?? [])];
}

/** Which parameters are trained, and how each is updated. */
function trainedBy({ parameterGroups = [], ...options }: StepOptions) {
  const { network, objective } = options;
  const rules = new Map([
    ...parameterRules(parameterGroups, network.parameters.filter(isTrainable)),
    ...(objective.parameters ?? []).map(({ name }) => [name, plainRule] as const),
  ]);
  const isMoved = ({ name }: ParameterSpec): boolean =>
    (rules.get(name)?.learningRateScale ?? 0) > 0;
  return { rules, trainable: stepParameters(options).filter(isMoved) };
}

/** Of an objective's own parameters, which no group names. */
const plainRule: ParameterRule = { learningRateScale: 1, weightDecay: undefined };

/** @returns total and terms of the objective, and the next values of statistics by name */
function forwardPass(
  { network, objective, preprocessing }: StepOptions,
  samples: Value,
  seed: Value,
  parameters: ReadonlyMap<string, Value>,
) {
  const statistics = new Map<string, Value>();
  const features = new Map<string, Value>();
  const used = new Map<string, Value>();
  const parameter = (name: string): Value => parameters.get(name)!; // names of stepParameters
  const seen = networkInput(network, samples, preprocessing);
  const logits = network.forward(seen, {
    training: true,
    parameter,
    seed: () => seed,
    updateStatistic: (name, next) => void statistics.set(name, next),
    tap: (path, output) => void features.set(path, output),
    tapParameter: (name, value) => void used.set(name, value),
  });
  const feature = (path: string): Value => {
    const output = features.get(path);
    if (output === undefined) throw unknownName(network.name, "layer", path, [...features.keys()]);
    return output;
  };
  const asUsed = (name: string): Value => used.get(name) ?? parameter(name);
  const terms = objective.terms(logits, seen, { feature, parameter: asUsed });
  const loss = terms.map(({ loss: term, weight }) => mul(term, weight)).reduce((a, b) => add(a, b));
  return { loss, terms, statistics };
}

function updateOf(
  { network, optimizer, decay = "kernels", maxNorm: limit }: StepOptions,
  spec: ParameterSpec,
  { learningRateScale, weightDecay: own }: ParameterRule,
  given: Pick<UpdateInput, "parameter" | "gradient" | "learningRate" | "scalars">,
): Step["state"] {
  const slots = Object.fromEntries(
    optimizer.slots.map((slot) => [slot, input(slotName(slot, spec.name), "float32", spec.shape)]),
  );
  const { parameter } = given;
  const learningRate =
    learningRateScale === 1 ? given.learningRate : mul(given.learningRate, learningRateScale);
  const usual = decay === "all" || spec.role === "kernel" ? optimizer.weightDecay : 0;
  const next = optimizer.update({ ...given, slots, learningRate, weightDecay: own ?? usual });
  const isLimited =
    limit !== undefined && spec.role === "kernel" && network.parameters.includes(spec);
  const after = isLimited ? maxNorm(next.parameter, limit, spec) : next.parameter;
  return [
    { before: parameter, after },
    ...optimizer.slots.map((slot) => ({ before: slots[slot]!, after: next.slots[slot]! })),
  ];
}
