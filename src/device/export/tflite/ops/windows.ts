/** @file Layers with weights or windows: CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, pools. */

import type {
  Conv2dLayer,
  DenseLayer,
  DepthwiseConv2dLayer,
  PoolLayer,
} from "../../../quantize/index.ts";
import { clamped } from "../clamp.ts";
import { imageShape, rowShape, type TfliteLowering } from "../lowering.ts";
import { weightTensors } from "../weights.ts";
import { padded } from "../window.ts";

export const lowerConv2d: TfliteLowering<Conv2dLayer> = (step, network) => {
  const { layer, from, to, output, outputTensor } = step;
  const { image, padding } = padded(step, network);
  const shape = [to.channels, ...layer.kernel, from[0]!.channels];
  const [weights, bias] = weightTensors(step, shape, 0, network);
  const target = clamped(network, layer.clamp, outputTensor, output, imageShape(to));
  network.operate("CONV_2D", [image, weights, bias], target.output, {
    type: "Conv2DOptions",
    table: {
      padding,
      strideHeight: layer.strides[0],
      strideWidth: layer.strides[1],
      activation: target.activation,
      dilationHeight: layer.dilations[0],
      dilationWidth: layer.dilations[1],
    },
  });
  target.finish();
};

export const lowerDepthwiseConv2d: TfliteLowering<DepthwiseConv2dLayer> = (step, network) => {
  const { layer, from, to, output, outputTensor } = step;
  const { image, padding } = padded(step, network);
  const [weights, bias] = weightTensors(step, [1, ...layer.kernel, to.channels], 3, network);
  const target = clamped(network, layer.clamp, outputTensor, output, imageShape(to));
  network.operate("DEPTHWISE_CONV_2D", [image, weights, bias], target.output, {
    type: "DepthwiseConv2DOptions",
    table: {
      padding,
      strideHeight: layer.strides[0],
      strideWidth: layer.strides[1],
      depthMultiplier: to.channels / from[0]!.channels,
      activation: target.activation,
      dilationHeight: layer.dilations[0],
      dilationWidth: layer.dilations[1],
    },
  });
  target.finish();
};

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

export const lowerPool: TfliteLowering<PoolLayer> = (step, network) => {
  const { layer, to, output, outputTensor } = step;
  const { image, padding } = padded(step, network);
  const target = clamped(network, layer.clamp, outputTensor, output, imageShape(to));
  const operator = layer.kind === "maxPool" ? "MAX_POOL_2D" : "AVERAGE_POOL_2D";
  network.operate(operator, [image], target.output, {
    type: "Pool2DOptions",
    table: {
      padding,
      strideHeight: layer.strides[0],
      strideWidth: layer.strides[1],
      filterHeight: layer.kernel[0],
      filterWidth: layer.kernel[1],
      activation: target.activation,
    },
  });
  target.finish();
};
