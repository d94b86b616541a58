/** @file Transposed convolution as a layer: the one that enlarges images. */

import { assertInRange } from "../../../errors/index.ts";
import { convTranspose2d as convTranspose2dOf, type Pads } from "../../ops/index.ts";
import { elementCount } from "../../tensor/index.ts";
import type { LayerBuilder } from "../layer.ts";
import type { ParameterSpec } from "../parameter.ts";
import { channelsOf, convolutionLayer } from "./convolution.ts";

export interface ConvTranspose2dOptions {
  /** outputs */
  readonly channels: number;
  /** [height, width]; default [2, 2] */
  readonly kernel?: readonly [number, number];
  /** default [2, 2]: with the default kernel, height and width double */
  readonly strides?: readonly [number, number];
  /** cut off the result: [top, left, bottom, right]; default none */
  readonly padding?: Pads;
  /** added at bottom and right; default [0, 0] */
  readonly outputPadding?: readonly [number, number];
  /** default true */
  readonly bias?: boolean;
}

/**
 * Transposed convolution over [channels, height, width] with kernel float32 [in, out, kernelHeight,
 * kernelWidth].
 *
 * @throws ConfigError "config/range" for channels that are no positive integers
 * @throws ShapeError "shape/rank" if the input is no image
 */
export function convTranspose2d(options: ConvTranspose2dOptions): LayerBuilder {
  const { channels, kernel = [2, 2], strides = [2, 2], bias = true } = options;
  const { padding = [0, 0, 0, 0], outputPadding = [0, 0] } = options;
  assertInRange("convTranspose2d", { channels }, { from: 1, isInteger: true });
  const attrs = { strides, padding, outputPadding };
  return (inputShape) => {
    const inChannels = channelsOf(
      "convTranspose2d",
      inputShape,
      "[channels, height, width]",
      "Give images",
    );
    const kernelShape = [inChannels, channels, ...kernel];
    // an output element sums over the inputs, and over the kernel's places that meet its phase
    const fanIn = (inChannels * elementCount(kernel)) / elementCount(strides);
    const kind = "conv transpose 2d";
    const of = { kind, inputShape, kernelShape, channels, attrs, bias, fanIn };
    const { parameters, ...layer } = convolutionLayer(of, convTranspose2dOf);
    const [own, ...others] = parameters as readonly [ParameterSpec, ...ParameterSpec[]]; // the kernel
    return {
      ...layer,
      parameters: [{ ...own, unitAxis: 1 }, ...others],
      macs: elementCount(inputShape) * channels * elementCount(kernel),
    };
  };
}
