/** @file DEPTHWISE_CONV_2D. */

import type { DepthwiseConv2dLayer } from "../../../quantize/index.ts";
import { clamped } from "../clamp.ts";
import { imageShape, type TfliteLowering } from "../lowering.ts";
import { weightTensors } from "../weights.ts";
import { padded } from "../window.ts";

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
