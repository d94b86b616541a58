/** @file One-dimensional convolution as a layer. */

import { assertInRange, ShapeError } from "../../../errors/index.ts";
import { input } from "../../graph/index.ts";
import { conv1d as conv1dOf, type Padding1d } from "../../ops/index.ts";
import { elementCount, showShape } from "../../tensor/index.ts";
import type { LayerBuilder } from "../layer.ts";
import { rectifierKernel, zeroBias } from "../parameter.ts";

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
    const [inChannels] = inputShape;
    if (inputShape.length !== 2 || inChannels === undefined)
      throw new ShapeError("shape/rank", {
        where: "conv1d",
        rule: "the input must be [channels, length]",
        got: showShape(inputShape),
        fix: "Put swapAxes() before it if the input is [positions, features]",
      });
    const kernelShape = [channels, inChannels / groups, kernel];
    const probe = conv1dOf(
      input("x", "float32", [1, ...inputShape]),
      input("kernel", "float32", kernelShape),
      attrs,
    );
    const outputShape = probe.shape.slice(1);
    const fanIn = elementCount(kernelShape.slice(1));
    return {
      kind: groups === 1 ? "conv1d" : "conv1d (grouped)",
      parameters: [rectifierKernel(kernelShape, fanIn), ...(bias ? [zeroBias(channels)] : [])],
      outputShape,
      macs: elementCount(outputShape) * fanIn,
      apply: (x, { parameter }) =>
        conv1dOf(x, parameter("kernel"), {
          ...attrs,
          ...(bias ? { bias: parameter("bias") } : {}),
        }),
    };
  };
}
