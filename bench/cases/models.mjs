/** @file Data and models that several cases share: noise of a real data set's size, networks with their initial weights. */

import { arrayDataset } from "../../dist/data/index.js";
import { studentFile } from "../../dist/distill/index.js";
import { buildNetwork, initialParameters } from "../../dist/engine/nn/index.js";
import { randomStream } from "../../dist/engine/tensor/index.js";

/** @returns uint8 samples with labels; what the numbers are does not change how long they take */
export function noise(length, shape, classes = 10) {
  const { uniform } = randomStream(0, "bench");
  const size = shape.reduce((product, side) => product * side, 1);
  const data = new Uint8Array(length * size);
  for (let at = 0; at < data.length; at++) data[at] = uniform() * 256;
  return arrayDataset({
    name: "noise",
    shape,
    dtype: "uint8",
    data,
    labels: Int32Array.from({ length }, (_, row) => row % classes),
    classNames: Array.from({ length: classes }, (_, index) => String(index)),
  });
}

/** @returns a network with the initial weights of a seed */
export function freshModel(spec, { shape, dtype, preprocessing, classNames }, seed = 1) {
  const { parameters } = buildNetwork(spec, shape, classNames.length);
  return { spec, sample: { dtype, shape }, preprocessing, classNames, weights: initialParameters(parameters, seed) };
}

/** @returns it as an .onnx file's bytes: raw samples in, logits out */
export const onnxBytes = (model) => studentFile(model).bytes;
