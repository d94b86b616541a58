/** @file ResNet-8: a residual network of eight layers for small images. */

import { ShapeError } from "../../errors/index.ts";
import { type Shape, showShape } from "../../tensor/index.ts";
import type { NamedBuilder } from "../chain.ts";
import { activation } from "../layers/activation.ts";
import { batchNorm } from "../layers/batch-norm.ts";
import { conv2d } from "../layers/conv2d.ts";
import { dense } from "../layers/dense.ts";
import { globalAveragePool } from "../layers/pooling.ts";
import { residual } from "../layers/residual.ts";
import { type Network, sequential } from "../network.ts";

export interface Resnet8Options {
  /** channels of the first block; the second has twice, the third four times as many; default 16 */
  readonly width?: number;
}

/** Two 3x3 convolutions with a shortcut, which is a 1x1 convolution where the shape changes. */
function block(name: string, channels: number, stride: 1 | 2): readonly NamedBuilder[] {
  const strides = [stride, stride] as const;
  const shortcut = stride === 1 ? undefined : conv2d({ channels, kernel: [1, 1], strides });
  return [
    [
      name,
      residual(
        [
          ["conv1", conv2d({ channels, strides, bias: false })],
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
  { width = 16 }: Resnet8Options,
  inputShape: Shape,
  classes: number,
): Network {
  const name = `resnet8 ${width}-${2 * width}-${4 * width}-${classes}`;
  return sequential(name, assertImage("resnet8", inputShape), [
    ["conv", conv2d({ channels: width, bias: false })],
    ["norm", batchNorm()],
    ["activation", activation("relu")],
    ...block("block1", width, 1),
    ...block("block2", 2 * width, 2),
    ...block("block3", 4 * width, 2),
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
