/** @file A trained network as the .onnx file that is shipped: what sizes in reports are of. */

import { exportOnnx } from "../device/export/index.ts";
import { logMelElements } from "../engine/nn/index.ts";
import { elementCount } from "../engine/tensor/index.ts";
import { inferenceGraph } from "../engine/train/index.ts";
import { servedNetwork } from "./quantization.ts";
import { onnxMetadata } from "./teachers/onnx-metadata.ts";
import { type Model, networkOf } from "./training/model-file.ts";

/**
 * @returns the network alone, as the bytes of an .onnx file
 * @throws ExportError "export/size-gate"
 */
export function studentFile(model: Model): ReturnType<typeof exportOnnx> {
  const { sample, preprocessing, weights } = model;
  const network = servedNetwork(model);
  const graph = inferenceGraph({ network, sample, preprocessing, weights, batchSize: 1 });
  const weightElements = weightCount(model);
  return exportOnnx(graph, { weightElements, metadata: onnxMetadata(model) });
}

/**
 * @returns elements of all parameters, statistics and log-mel tables that the network has, and the
 *   numbers of positions that a recurrent one on its grid is spelled out over
 */
export function weightCount(model: Model): number {
  const { spec, sample, quantization } = model;
  const front = spec.logMel === undefined ? 0 : logMelElements(spec.logMel);
  const isSpelledOut = spec.family === "gru" && quantization !== undefined;
  const positions = isSpelledOut ? elementCount(sample.shape.slice(0, -1)) : 0;
  return networkOf(model).parameters.reduce(
    (total, { shape }) => total + elementCount(shape),
    front + positions,
  );
}
