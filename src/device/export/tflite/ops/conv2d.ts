/** @file CONV_2D. */

import type { Conv2dLayer } from "../../../quantize/index.ts";
import { clamped } from "../clamp.ts";
import { imageShape, type TfliteLowering } from "../lowering.ts";
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
