/** @file Students that train on their int8 grid: the network to train, and the one to use. */

import type { Dataset } from "../data/index.ts";
import {
  quantizationAware,
  quantizedInference,
  trainedQuantization,
} from "../device/quantize/index.ts";
import type { Network } from "../engine/nn/index.ts";
import type { Tensor } from "../engine/tensor/index.ts";
import { ConfigError } from "../errors/index.ts";
import { assertNoGrid } from "./sound-model.ts";
import { type Model, networkOf } from "./training/model-file.ts";
import { defaults, type TrainingSpec } from "./training-spec.ts";

/** @throws ConfigError "config/conflict" for token ids: an embedding has no int8 form */
function encodingOf({ dtype, preprocessing }: Pick<Dataset, "dtype" | "preprocessing">) {
  if (dtype === "int32")
    throw new ConfigError("config/conflict", {
      where: "quantizationAware",
      rule: "an int8 network takes numbers, and an embedding of token ids has no int8 form",
      got: "int32 samples",
      fix: "Leave quantizationAware out",
    });
  const { scale, offset } = preprocessing;
  return { dtype, scale, offset };
}

/**
 * @returns the network itself, or its quantisation-aware form where the training asks for that
 * @throws ConfigError "config/conflict"
 */
export function trainedForm(network: Network, training: TrainingSpec, train: Dataset): Network {
  const { quantizationAware: spec, batchSize = defaults.batchSize, accumulate = 1 } = training;
  if (spec === undefined) return network;
  assertNoGrid(network);
  const stepsPerEpoch = Math.ceil(train.length / batchSize) * accumulate;
  return quantizationAware(network, { ...spec, encoding: encodingOf(train), stepsPerEpoch });
}

/** @returns the model with what its training says about int8 */
export function withQuantization(
  model: Model,
  training: TrainingSpec,
  state: ReadonlyMap<string, Tensor>,
): Model {
  const { quantizationAware: spec } = training;
  if (spec === undefined) return model;
  const encoding = encodingOf({ dtype: model.sample.dtype, preprocessing: model.preprocessing });
  const quantization = trainedQuantization(networkOf(model), { ...spec, encoding }, state);
  return { ...model, quantization };
}

/** @returns the model's network as its accuracy counts: on the int8 grid if it was trained on it */
export function servedNetwork(model: Model): Network {
  const network = networkOf(model);
  if (model.quantization === undefined) return network;
  const encoding = encodingOf({ dtype: model.sample.dtype, preprocessing: model.preprocessing });
  return quantizedInference(network, model.quantization, encoding);
}
