/** @file The block that DS-CNN and MobileNet repeat: a depthwise and a pointwise convolution. */

import type { NamedBuilder } from "../chain.ts";
import { activation } from "../layers/activation.ts";
import { conv2d } from "../layers/conv2d.ts";
import { batchNorm } from "../layers/normalization.ts";
import { sequence } from "../layers/sequence.ts";

interface SeparableOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** default 1 */
  readonly stride?: 1 | 2;
}

/** A 3x3 filter for each channel, then a mixture of channels, each normalised and rectified. */
export function separableBlock(
  name: string,
  { inputs, outputs, stride = 1 }: SeparableOptions,
): NamedBuilder {
  const strides = [stride, stride] as const;
  return [
    name,
    sequence(
      [
        ["depthwise", conv2d({ channels: inputs, groups: inputs, strides, bias: false })],
        ["norm1", batchNorm()],
        ["activation1", activation("relu")],
        ["pointwise", conv2d({ channels: outputs, kernel: [1, 1], bias: false })],
        ["norm2", batchNorm()],
        ["activation2", activation("relu")],
      ],
      "separable convolution",
    ),
  ];
}
