/**
 * @file Students that are pruned while they train: which kernels, when, and what is left of them.
 */

import type { Dataset } from "../data/index.ts";
import { assertInRange, ConfigError } from "../errors/index.ts";
import type { Network, NetworkSpec } from "../nn/index.ts";
import type { Tensor } from "../tensor/index.ts";
import {
  type Model,
  networkOf,
  type PruneOptions,
  pruned,
  prunedWeights,
  withoutDeadUnits,
} from "../train/index.ts";
import { defaults, type TrainingSpec } from "./training-spec.ts";

/** What a job says that pruning needs. */
export interface PruningJob {
  readonly network: NetworkSpec;
  readonly train: Dataset;
  readonly training: TrainingSpec;
}

/** Epochs before this one have not reached the sparsity, so that none of them can be the best. */
export function sparseFromEpoch({ pruning, epochs }: TrainingSpec): number {
  return pruning === undefined ? 0 : (pruning.endEpoch ?? Math.max(1, Math.floor(0.75 * epochs)));
}

/** @returns the network itself, or its pruned form. @throws ConfigError "config/..." */
export function prunedForm(network: Network, parts: Network, job: PruningJob): Network {
  const options = optionsOf(parts, job);
  return options === undefined ? network : pruned(network, options);
}

/** @returns the model with its zeros; without the units that are gone */
export function withoutPruned(
  model: Model,
  job: PruningJob,
  state: ReadonlyMap<string, Tensor>,
): Model {
  const options = optionsOf(networkOf(model), job);
  if (options === undefined) return model;
  const weights = prunedWeights(model.weights, state, options);
  const sparse = { ...model, weights };
  return options.structure === "units" ? withoutDeadUnits(sparse) : sparse;
}

function optionsOf({ parameters }: Network, job: PruningJob): PruneOptions | undefined {
  const { training, train } = job;
  const { pruning, batchSize = defaults.batchSize, accumulate = 1, epochs } = training;
  if (pruning === undefined) return undefined;
  const { sparsity, startEpoch = 0, structure = "weights" } = pruning;
  const endEpoch = sparseFromEpoch(training);
  assertInRange("pruning", { endEpoch }, { above: startEpoch, below: epochs, isInteger: true });
  assertInRange("pruning", { startEpoch }, { from: 0, isInteger: true });
  if (structure === "units") assertUnits(job);
  const stepsPerEpoch = Math.ceil(train.length / batchSize) * accumulate;
  const kernels = parameters
    .filter(({ role }) => role === "kernel")
    .map(({ name }) => name)
    .filter((name) => structure === "weights" || name.startsWith("hidden"));
  const [startStep, endStep] = [startEpoch * stepsPerEpoch, endEpoch * stepsPerEpoch];
  return { sparsity, structure, kernels, startStep, endStep };
}

/** Activations under which a unit of zero weights gives something. */
const notZeroAtZero: readonly string[] = ["sigmoid", "hardSigmoid", "softplus"];

function refusal(rule: string, got: string, fix: string): ConfigError {
  return new ConfigError("config/conflict", { where: "pruning of units", rule, got, fix });
}

function assertUnits({ network, training }: PruningJob): void {
  if (network.family !== "mlp")
    throw refusal("the student must be an mlp", network.family, "Prune weights instead");
  const { activation = "relu" } = network;
  if (notZeroAtZero.includes(activation))
    throw refusal("the activation must map 0 to 0", activation, "Use relu, or prune weights");
  if (training.quantizationAware !== undefined)
    throw refusal(
      "units cannot go from a network whose weight scales are trained",
      "quantizationAware",
      "Prune first, then train the smaller student aware of quantisation",
    );
}
