/**
 * @file AVERAGE_POOL_2D and MAX_POOL_2D. A global mean is an average pool too: MEAN would round
 * otherwise in each runtime.
 */

import type { PoolLayer } from "../../../quantize/index.ts";
import { clamped } from "../clamp.ts";
import { imageShape, type TfliteLowering } from "../lowering.ts";
import { padded } from "../window.ts";

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
