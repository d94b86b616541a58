/**
 * @file Students that are pruned while they train: which kernels, when, and what is left of them.
 */

import type { Dataset } from "../data/index.ts";
import {
  channelGroups,
  groupedFamilies,
  type Network,
  type NetworkSpec,
} from "../engine/nn/index.ts";
import type { Tensor } from "../engine/tensor/index.ts";
import {
  type PruneOptions,
  pruned,
  prunedWeights,
  withoutDeadChannels,
} from "../engine/train/index.ts";
import { assertInRange, ConfigError } from "../errors/index.ts";
import { type Model, networkOf } from "./training/model-file.ts";
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

/** @returns the model with its zeros; without the units and channels that are gone */
export function withoutPruned(
  model: Model,
  job: PruningJob,
  state: ReadonlyMap<string, Tensor>,
): Model {
  const network = networkOf(model);
  const options = optionsOf(network, job);
  if (options === undefined) return model;
  const weights = prunedWeights(network, model.weights, state, options);
  const sparse = { ...model, weights };
  return "groups" in options.target ? withoutDeadChannels(sparse) : sparse;
}

function optionsOf(network: Network, job: PruningJob): PruneOptions | undefined {
  const { training, train } = job;
  const { pruning, batchSize = defaults.batchSize, accumulate = 1, epochs } = training;
  if (pruning === undefined) return undefined;
  const { sparsity, startEpoch = 0, structure = "weights" } = pruning;
  const endEpoch = sparseFromEpoch(training);
  assertInRange("pruning", { endEpoch }, { above: startEpoch, below: epochs, isInteger: true });
  assertInRange("pruning", { startEpoch }, { from: 0, isInteger: true });
  if (structure !== "weights") assertStructure(structure, job);
  const stepsPerEpoch = Math.ceil(train.length / batchSize) * accumulate;
  const target =
    structure === "weights"
      ? {
          kernels: network.parameters
            .filter(({ role }) => role === "kernel")
            .map(({ name }) => name),
        }
      : { groups: channelGroups(job.network, network) };
  const [startStep, endStep] = [startEpoch * stepsPerEpoch, endEpoch * stepsPerEpoch];
  return { sparsity, target, startStep, endStep };
}

/** Activations under which a unit of zero weights gives something. */
const notZeroAtZero: readonly string[] = ["sigmoid", "hardSigmoid", "softplus"];

function assertStructure(structure: "units" | "channels", { network, training }: PruningJob): void {
  const refuse = (rule: string, got: string, fix: string): never => {
    const where = `pruning of ${structure}`;
    throw new ConfigError("config/conflict", { where, rule, got, fix });
  };
  const { family } = network;
  const convolutional: readonly string[] = groupedFamilies.filter((name) => name !== "mlp");
  if (structure === "units" && family !== "mlp")
    refuse(
      "the student must be an mlp",
      family,
      convolutional.includes(family) ? "Prune channels instead" : "Prune weights instead",
    );
  if (structure === "channels" && !convolutional.includes(family))
    refuse(
      `the student must be one of ${convolutional.join(", ")}`,
      family,
      family === "mlp" ? "Prune units instead" : "Prune weights instead",
    );
  const activation = "activation" in network ? network.activation : undefined;
  if (activation !== undefined && notZeroAtZero.includes(activation))
    refuse("the activation must map 0 to 0", activation, "Use relu, or prune weights");
  if (training.quantizationAware !== undefined)
    refuse(
      `${structure} cannot go from a network whose weight scales are trained`,
      "quantizationAware",
      "Prune first, then train the smaller student aware of quantisation",
    );
}
