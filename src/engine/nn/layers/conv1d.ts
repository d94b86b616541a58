/** @file One-dimensional convolution as a layer. */

import { assertInRange } from "../../../errors/index.ts";
import { conv1d as conv1dOf, type Padding1d } from "../../ops/index.ts";
import { elementCount } from "../../tensor/index.ts";
import type { LayerBuilder } from "../layer.ts";
import { channelsOf, convolutionLayer } from "./convolution.ts";

export interface Conv1dOptions {
  /** outputs */
  readonly channels: number;
  /** default 3 */
  readonly kernel?: number;
  readonly stride?: number;
  readonly dilation?: number;
  /** "same" (default): output = ceil(input / stride); "causal": no output sees a later input */
  readonly padding?: Padding1d;
  readonly groups?: number;
  /** default true; leave it out before batch normalisation */
  readonly bias?: boolean;
}

/**
 * Convolution over [channels, length] with kernel float32 [out, in / groups, kernel].
 *
 * @throws ConfigError "config/range" for numbers that are no positive integers
 * @throws ShapeError "shape/rank" unless the input is [channels, length]
 */
export function conv1d(options: Conv1dOptions): LayerBuilder {
  const { channels, kernel = 3, stride = 1, dilation = 1, groups = 1, bias = true } = options;
  const { padding = "same" } = options;
  assertInRange(
    "conv1d",
    { channels, kernel, stride, dilation, groups },
    { from: 1, isInteger: true },
  );
  const attrs = { stride, dilation, groups, padding };
  return (inputShape) => {
    const inChannels = channelsOf(
      "conv1d",
      inputShape,
      "[channels, length]",
      "Put swapAxes() before it if the input is [positions, features]",
    );
    const kernelShape = [channels, inChannels / groups, kernel];
    const fanIn = elementCount(kernelShape.slice(1));
    const kind = groups === 1 ? "conv1d" : "conv1d (grouped)";
    const of = { kind, inputShape, kernelShape, channels, attrs, bias, fanIn };
    return convolutionLayer(of, conv1dOf);
  };
}
