/** @file ResNet-8: a residual network of eight layers for small images. */

import { ConfigError, ShapeError } from "../../../errors/index.ts";
import { type Shape, showShape } from "../../tensor/index.ts";
import type { NamedBuilder } from "../chain.ts";
import { activation } from "../layers/activation.ts";
import { conv2d } from "../layers/conv2d.ts";
import { dense } from "../layers/dense.ts";
import { batchNorm } from "../layers/normalization.ts";
import { globalAveragePool } from "../layers/pooling.ts";
import { residual } from "../layers/residual.ts";
import { type Network, sequential } from "../network.ts";

export interface Resnet8Options {
  /** channels of the first block; the second has twice, the third four times as many; default 16 */
  readonly width?: number;
  /**
   * in place of width, six numbers: for each block its channels, and those between its two
   * convolutions. The first convolution has the channels of block 1
   */
  readonly channels?: readonly number[];
}

/** Two 3x3 convolutions with a shortcut, which is a 1x1 convolution where the shape changes. */
function block(
  name: string,
  channels: number,
  inner: number,
  stride: 1 | 2,
): readonly NamedBuilder[] {
  const strides = [stride, stride] as const;
  const shortcut = stride === 1 ? undefined : conv2d({ channels, kernel: [1, 1], strides });
  return [
    [
      name,
      residual(
        [
          ["conv1", conv2d({ channels: inner, strides, bias: false })],
          ["norm1", batchNorm()],
          ["activation", activation("relu")],
          ["conv2", conv2d({ channels, bias: false })],
          ["norm2", batchNorm()],
        ],
        { shortcut },
      ),
    ],
    [`${name}Activation`, activation("relu")],
  ];
}

/**
 * The image classification network of MLPerf Tiny, for [3, 32, 32] at its default width: 12.5
 * million multiply-accumulates. Its reference model counts 78,666 parameters, of which 480 are
 * running statistics and 240 are biases that the normalisation after them cancels; here they are
 * left out, so 77,946 are trained.
 *
 * @param inputShape [channels, height, width]; @throws ShapeError "shape/rank" for anything else
 * @see Banbury et al. (2021), MLPerf Tiny Benchmark, arXiv:2106.07597; He et al. (2015),
 *   arXiv:1512.03385
 */
export function resnet8(
  { width, channels }: Resnet8Options,
  inputShape: Shape,
  classes: number,
): Network {
  assertOneOf("resnet8", { width, channels }, 6);
  const first = width ?? 16;
  const pairs = channels ?? [first, first, 2 * first, 2 * first, 4 * first, 4 * first];
  const [c1 = 0, i1 = 0, c2 = 0, i2 = 0, c3 = 0, i3 = 0] = pairs; // six, as was asserted
  const name = `resnet8 ${channels === undefined ? [c1, c2, c3].join("-") : pairs.join("-")}-${classes}`;
  return sequential(name, assertImage("resnet8", inputShape), [
    ["conv", conv2d({ channels: c1, bias: false })],
    ["norm", batchNorm()],
    ["activation", activation("relu")],
    ...block("block1", c1, i1, 1),
    ...block("block2", c2, i2, 2),
    ...block("block3", c3, i3, 2),
    ["pool", globalAveragePool()],
    ["output", dense(classes)],
  ]);
}

/** @throws ShapeError "shape/rank" unless the shape is [channels, height, width] */
export function assertImage(where: string, shape: Shape): Shape {
  if (shape.length !== 3)
    throw new ShapeError("shape/rank", {
      where,
      rule: "the input must be [channels, height, width]",
      got: showShape(shape),
      fix: "Give images, or use an mlp for plain features",
      details: { shape },
    });
  return shape;
}

/**
 * @param options the number that all channels follow from, or each of them
 * @param length how many channels there are to give; default any number
 * @throws ConfigError "config/conflict" if both are given, "config/range" for too many or too few
 */
export function assertOneOf(
  where: string,
  options: { readonly [name: string]: unknown; readonly channels: readonly number[] | undefined },
  length?: number,
): void {
  const { channels, ...others } = options;
  if (channels === undefined) return;
  const other = Object.entries(others).find(([, value]) => value !== undefined);
  if (other !== undefined)
    throw new ConfigError("config/conflict", {
      where,
      rule: `a list of channels takes the place of ${other[0]}`,
      got: `both, ${other[0]} ${String(other[1])}`,
      fix: `Leave ${other[0]} or the list out`,
    });
  if (length !== undefined && channels.length !== length)
    throw new ConfigError("config/range", {
      where,
      rule: `channels must be ${length} numbers`,
      got: `${channels.length}: ${channels.join(", ")}`,
      fix: "Give a number for each",
      details: { channels },
    });
}
