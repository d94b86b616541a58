/** @file Two-dimensional convolution as a layer. */

import { assertInRange } from "../../../errors/index.ts";
import { conv2d as conv2dOf } from "../../ops/index.ts";
import { elementCount } from "../../tensor/index.ts";
import type { LayerBuilder } from "../layer.ts";
import { channelsOf, convolutionLayer } from "./convolution.ts";

export interface Conv2dOptions {
  /** outputs */
  readonly channels: number;
  /** [height, width]; default [3, 3] */
  readonly kernel?: readonly [number, number];
  readonly strides?: readonly [number, number];
  /** "same" (default): output = ceil(input / stride); "valid": no padding */
  readonly padding?: "same" | "valid";
  readonly groups?: number;
  /** default true; leave it out before batch normalisation */
  readonly bias?: boolean;
}

/**
 * Convolution over [channels, height, width] with kernel float32 [out, in / groups, kernelHeight,
 * kernelWidth].
 *
 * @throws ConfigError "config/range" for channels or groups that are no positive integers
 * @throws ShapeError "shape/rank" if the input is no image
 */
export function conv2d(options: Conv2dOptions): LayerBuilder {
  const { channels, kernel = [3, 3], bias = true, groups = 1, padding = "same" } = options;
  const { strides = [1, 1] } = options;
  assertInRange("conv2d", { channels, groups }, { from: 1, isInteger: true });
  return (inputShape) => {
    const inChannels = channelsOf(
      "conv2d",
      inputShape,
      "[channels, height, width]",
      "Give images, or use an mlp for plain features",
    );
    const kernelShape = [channels, inChannels / groups, ...kernel];
    const fanIn = elementCount(kernelShape.slice(1));
    const kind = groups === 1 ? "conv2d" : "conv2d (grouped)";
    const attrs = { strides, padding, groups };
    const of = { kind, inputShape, kernelShape, channels, attrs, bias, fanIn };
    return convolutionLayer(of, conv2dOf);
  };
}
