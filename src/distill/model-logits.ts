/** @file A trained model's logits over a data set. */

import type { Dataset } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { openPredictor } from "../engine/train/index.ts";
import { servedNetwork } from "./quantization.ts";
import type { Model } from "./training/model-file.ts";

/** @returns float32 [samples, classes] */
export async function modelLogits(
  runtime: Runtime,
  model: Model,
  dataset: Dataset,
): Promise<Float32Array> {
  const predictor = await openPredictor(runtime, {
    network: servedNetwork(model),
    sample: model.sample,
    preprocessing: model.preprocessing,
    batchSize: Math.min(256, dataset.length),
    weights: model.weights,
  });
  try {
    return await predictor.datasetLogits(dataset, {});
  } finally {
    await predictor.close();
  }
}
