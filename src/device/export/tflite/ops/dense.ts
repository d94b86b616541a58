/** @file FULLY_CONNECTED. */

import type { DenseLayer } from "../../../quantize/index.ts";
import { clamped } from "../clamp.ts";
import { rowShape, type TfliteLowering } from "../lowering.ts";
import { weightTensors } from "../weights.ts";

export const lowerDense: TfliteLowering<DenseLayer> = (step, network) => {
  const { layer, inputs, inputTensors, output, outputTensor } = step;
  const units = layer.bias.length;
  const from = rowShape(inputTensors[0]!.shape);
  const image = network.operand(inputs[0]!, from); // [1, in]
  const [weights, bias] = weightTensors(step, [units, layer.weights.length / units], 0, network);
  const operator =
    layer.weightScales.length > 1 ? "FULLY_CONNECTED_PER_CHANNEL" : "FULLY_CONNECTED";
  const target = clamped(network, layer.clamp, outputTensor, output, [1, units]);
  network.operate(operator, [image, weights, bias], target.output, {
    type: "FullyConnectedOptions",
    table: { activation: target.activation },
  });
  target.finish();
};
