/** @file A trained model as an integer network. */

import {
  type CalibrationOptions,
  type QuantizedGraph,
  type QuantizeOptions,
  quantizeGraph,
  quantizeTrained,
} from "../device/quantize/index.ts";
import { inferenceGraph } from "../engine/train/index.ts";
import { QuantizeError } from "../errors/index.ts";
import { type Model, networkOf } from "./training/model-file.ts";

/**
 * Brings a trained model to int8, ready for exportC, exportTflite and exportOnnxInt8: by
 * calibration, or by the ranges that quantisation-aware training left, which then are the only ones
 * that belong to its weights.
 *
 * @throws QuantizeError "quantize/..." naming the layer, the rule, and what to do;
 *   "quantize/log-mel" for a model of sound, which quantizeAfterLogMel takes
 * @example
 *   const int8 = await quantizeModel(student, { calibration: data.train, runtime });
 *   for (const [file, text] of exportC(int8).files) writeFileSync(file, text);
 */
export async function quantizeModel(
  model: Model,
  options: CalibrationOptions & QuantizeOptions,
): Promise<QuantizedGraph> {
  const { sample, preprocessing, weights } = model;
  const network = networkOf(model);
  if (model.spec.logMel !== undefined) throw soundRefused(network.name);
  const graph = inferenceGraph({ network, sample, preprocessing, batchSize: 1, weights });
  if (model.quantization !== undefined) return quantizeTrained(graph, model.quantization);
  return quantizeGraph(graph, options);
}

function soundRefused(where: string): QuantizeError {
  return new QuantizeError("quantize/log-mel", {
    where,
    rule: "log-mel features have no int8 operator: networks of sound are split behind them",
    got: "a model whose spec has logMel",
    fix: "Call quantizeAfterLogMel and frontEndOf, or potstill export --format c",
  });
}
