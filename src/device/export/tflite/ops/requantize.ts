/** @file QUANTIZE to another scale; a clamp that stands alone as RELU, RELU6 or limits. */

import type { RequantizeLayer } from "../../../quantize/index.ts";
import { activationFor, writeClamp } from "../clamp.ts";
import type { TfliteLowering } from "../lowering.ts";
import { oneScale } from "../network.ts";
import { activations } from "../schema.ts";

export const lowerRequantize: TfliteLowering<RequantizeLayer> = (step, network) => {
  const { layer, inputs, output, inputTensors, outputTensor } = step;
  const from = inputTensors[0]!; // it has one input
  const shape = network.shapeOf(inputs[0]!);
  const activation = activationFor(layer.clamp, outputTensor);
  const isSameScale =
    from.scale === outputTensor.scale && from.zeroPoint === outputTensor.zeroPoint;
  let x = network.operand(inputs[0]!, shape);
  if (!isSameScale || activation === activations.none) {
    const isLast = activation === activations.none;
    const name = `${layer.name} requantized`;
    const to = isLast
      ? network.result(output, shape)
      : network.tensor({ name, type: "int8", shape, scales: oneScale(outputTensor) });
    network.operate("QUANTIZE", [x], to, { type: "QuantizeOptions", table: {} });
    if (isLast) return;
    x = to;
  }
  writeClamp(network, layer.clamp, outputTensor, x, network.result(output, shape));
};
