/**
 * @file Builds a training step: forward pass, losses, backward pass and optimiser update in one
 * graph.
 */

import { gradients } from "../autodiff/index.ts";
import type { Step } from "../compile/index.ts";
import type { Preprocessing, SampleDType } from "../data/index.ts";
import { type GraphOutput, input, type Value } from "../graph/index.ts";
import { isTrainable, type Network, type ParameterSpec, preprocess } from "../nn/index.ts";
import { add, mul } from "../ops/index.ts";
import { clipByGlobalNorm, globalNorm, maxNorm, type Optimizer } from "../optim/index.ts";
import type { Shape } from "../tensor/index.ts";

/** One summand of the objective. */
export interface ObjectiveTerm {
  /** "hard", "soft"; the metric carries it */
  readonly name: string;
  /** float32 [], before weighting, so that values compare across weights */
  readonly loss: Value;
  /** float32 [], fed at each step */
  readonly weight: Value;
}

/** What is minimised: total = Σ weight · loss. */
export interface Objective {
  /** placeholders fed at each step, besides the samples */
  readonly perStep: readonly Value[];
  /** @param logits float32 [batch, classes] */
  readonly terms: (logits: Value) => readonly ObjectiveTerm[];
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
  const { network, objective, optimizer, sample, batchSize } = options;
  const samples = input(samplesInput, sample.dtype, [batchSize, ...sample.shape]);
  const learningRate = input(learningRateInput, "float32", []);
  const seed = input(seedInput, "uint32", []);
  const parameters = new Map(
    network.parameters.map(({ name, shape }) => [name, input(name, "float32", shape)]),
  );
  const statistics = new Map<string, Value>();
  const logits = network.forward(preprocess(samples, options.preprocessing), {
    training: true,
    parameter: (name) => parameters.get(name)!, // the network's own names
    seed: () => seed,
    updateStatistic: (name, next) => void statistics.set(name, next),
  });
  const terms = objective.terms(logits);
  const loss = terms.map(({ loss: term, weight }) => mul(term, weight)).reduce((a, b) => add(a, b));
  const trainable = network.parameters.filter(isTrainable);
  const raw = gradients(
    loss,
    trainable.map(({ name }) => parameters.get(name)!),
  );
  const clipped = options.clipNorm === undefined ? raw : clipByGlobalNorm(raw, options.clipNorm);
  const scalars = Object.fromEntries(
    Object.keys(optimizer.scalars).map((name) => [name, input(name, "float32", [])]),
  );
  const updated = trainable.flatMap((spec, index) =>
    updateOf(options, spec, parameters.get(spec.name)!, clipped[index]!, learningRate, scalars),
  );
  const moved = network.parameters
    .filter((spec) => !isTrainable(spec))
    .map(({ name }) => ({ before: parameters.get(name)!, after: statistics.get(name)! }));
  const metrics: GraphOutput[] = [
    { name: "loss", value: loss },
    ...terms.map(({ name, loss: value }) => ({ name, value })),
    ...(options.clipNorm === undefined ? [] : [{ name: "gradientNorm", value: globalNorm(raw) }]),
  ];
  return {
    name: options.name,
    state: [...updated, ...moved],
    perStep: [samples, learningRate, seed, ...Object.values(scalars), ...objective.perStep],
    metrics,
  };
}

function updateOf(
  { optimizer, decay = "kernels", maxNorm: limit }: StepOptions,
  spec: ParameterSpec,
  parameter: Value,
  gradient: Value,
  learningRate: Value,
  scalars: Readonly<Record<string, Value>>,
): Step["state"] {
  const slots = Object.fromEntries(
    optimizer.slots.map((slot) => [slot, input(slotName(slot, spec.name), "float32", spec.shape)]),
  );
  const weightDecay = decay === "all" || spec.role === "kernel" ? optimizer.weightDecay : 0;
  const next = optimizer.update({ parameter, gradient, slots, learningRate, scalars, weightDecay });
  const isLimited = limit !== undefined && spec.role === "kernel";
  return [
    { before: parameter, after: isLimited ? maxNorm(next.parameter, limit) : next.parameter },
    ...optimizer.slots.map((slot) => ({ before: slots[slot]!, after: next.slots[slot]! })),
  ];
}
