/** @file Two-dimensional convolution as a layer. */

import { assertInRange, ShapeError } from "../../../errors/index.ts";
import { input } from "../../graph/index.ts";
import { conv2d as conv2dOf } from "../../ops/index.ts";
import { showShape } from "../../tensor/index.ts";
import type { LayerBuilder } from "../layer.ts";

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
    const [inChannels] = inputShape;
    if (inputShape.length !== 3 || inChannels === undefined)
      throw new ShapeError("shape/rank", {
        where: "conv2d",
        rule: "the input must be [channels, height, width]",
        got: showShape(inputShape),
        fix: "Give images, or use an mlp for plain features",
      });
    const kernelShape = [channels, inChannels / groups, ...kernel];
    const attrs = { strides, padding, groups };
    const probe = conv2dOf(
      input("x", "float32", [1, ...inputShape]),
      input("kernel", "float32", kernelShape),
      attrs,
    );
    const outputShape = probe.shape.slice(1);
    const fanIn = kernelShape.slice(1).reduce((product, size) => product * size, 1);
    return {
      kind: groups === 1 ? "conv2d" : "conv2d (grouped)",
      parameters: [
        {
          name: "kernel",
          shape: kernelShape,
          role: "kernel",
          initializer: { kind: "heNormal", fanIn },
        },
        ...(bias
          ? [
              {
                name: "bias",
                shape: [channels],
                role: "bias",
                initializer: { kind: "constant", value: 0 },
              } as const,
            ]
          : []),
      ],
      outputShape,
      macs: outputShape.reduce((product, size) => product * size, 1) * fanIn,
      apply: (x, { parameter }) =>
        conv2dOf(x, parameter("kernel"), {
          ...attrs,
          ...(bias ? { bias: parameter("bias") } : {}),
        }),
    };
  };
}
