/** @file Test cases of conv2dWeightGrad. */

import { type OpCases, type OpSample, opCases, uniform } from "../../../test/support/op-cases.ts";
import { input } from "../graph/index.ts";
import type { Conv2dOptions } from "./conv2d-rule.ts";
import { conv2dWeightGrad } from "./conv2d-weight-grad.ts";
import type { Size2d } from "./window.ts";

const tolerance = { rtol: 1e-5, atol: 1e-5, why: "float32 sums of up to a hundred products" };

function sample(
  name: string,
  x: readonly number[],
  dy: readonly number[],
  kernel: Size2d,
  options: Conv2dOptions = {},
): OpSample {
  return {
    name,
    inputs: [uniform(x, -1, 1), uniform(dy, -1, 1)],
    build: (image, gradient) => conv2dWeightGrad(image!, gradient!, kernel, options),
    tolerance,
  };
}

const x = input("x", "float32", [1, 4, 5, 5]);
const dy = input("dy", "float32", [1, 6, 3, 3]);

export const cases: OpCases = opCases(conv2dWeightGrad, {
  samples: [
    sample("3x3", [2, 3, 5, 6], [2, 4, 3, 4], [3, 3]),
    sample("same padding", [2, 2, 5, 4], [2, 3, 5, 4], [3, 3], { padding: "same" }),
    sample("stride 2, a row left over", [2, 2, 8, 7], [2, 3, 3, 3], [3, 3], { strides: 2 }),
    sample("stride 4, three columns left over", [1, 2, 5, 9], [1, 2, 2, 2], [1, 2], { strides: 4 }),
    sample("asymmetric padding", [2, 2, 4, 5], [2, 3, 5, 6], [3, 3], { padding: [2, 0, 1, 3] }),
    sample("padding wider than the kernel", [1, 2, 3, 3], [1, 2, 7, 7], [2, 2], {
      padding: [3, 2, 2, 3],
    }),
    sample("dilation", [2, 2, 7, 8], [2, 3, 3, 5], [3, 2], { dilations: [2, 3] }),
    sample("dilation, stride and padding", [2, 2, 9, 8], [2, 3, 4, 3], [3, 3], {
      dilations: 2,
      strides: [2, 3],
      padding: [1, 2, 2, 1],
    }),
    sample("two groups", [2, 4, 5, 5], [2, 6, 3, 3], [3, 3], { groups: 2 }),
    sample("three groups, stride 2", [2, 6, 6, 6], [2, 3, 3, 3], [3, 3], {
      groups: 3,
      strides: 2,
      padding: "same",
    }),
    sample("depthwise", [3, 4, 6, 5], [3, 4, 6, 5], [3, 3], { groups: 4, padding: "same" }),
    sample("depthwise, dilation and asymmetric padding", [2, 3, 7, 9], [2, 3, 4, 5], [3, 2], {
      groups: 3,
      strides: [1, 2],
      dilations: [2, 3],
      padding: [0, 3, 1, 1],
    }),
    sample("depthwise with two outputs a channel, stride 2", [2, 3, 5, 6], [2, 6, 3, 3], [3, 3], {
      groups: 3,
      strides: 2,
      padding: "same",
    }),
    sample("narrower than its stride", [2, 9, 3, 2], [2, 4, 2, 1], [3, 3], {
      strides: [2, 3],
      padding: [1, 1, 1, 1],
    }),
    sample("1x1", [2, 3, 4, 5], [2, 5, 4, 5], [1, 1]),
    sample("many channels, same padding", [3, 9, 5, 4], [3, 5, 5, 4], [3, 3], { padding: "same" }),
    sample("many channels, wide planes", [1, 8, 3, 19], [1, 2, 3, 19], [3, 3], { padding: "same" }),
    sample("no padding, dilation, a shift beyond one image", [2, 2, 4, 9], [2, 3, 2, 1], [3, 5], {
      dilations: [1, 2],
    }),
    sample("many taps, one channel, stride 2", [2, 1, 11, 6], [2, 3, 6, 3], [10, 4], {
      strides: 2,
      padding: [5, 1, 5, 1],
    }),
    sample("one channel, batch 1", [1, 1, 5, 5], [1, 1, 3, 3], [3, 3]),
    sample("kernel larger than the image, padded", [1, 2, 2, 1], [1, 2, 2, 1], [3, 3], {
      padding: [1, 1, 1, 1],
    }),
  ],
  errors: [
    {
      name: "a gradient of another size",
      build: () => conv2dWeightGrad(x, dy, [2, 3]),
      code: "shape/mismatch",
      message:
        "conv2dWeightGrad: dy must have the shape [1, 6, 4, 3] that the other operands imply, got [1, 6, 3, 3]. Make the shapes agree.",
    },
    {
      name: "groups that do not divide the channels",
      build: () => conv2dWeightGrad(x, dy, [3, 3], { groups: 3 }),
      code: "shape/groups",
      message:
        "conv2dWeightGrad: groups = 3 must divide the input channels and the output channels, got 4 and 6. Choose a common divisor of both.",
    },
    {
      name: "a kernel size of 0",
      build: () => conv2dWeightGrad(x, dy, [0, 3]),
      code: "config/range",
      message:
        "conv2dWeightGrad: kernel must be an integer of at least 1, or [height, width] of such, got [0, 3].",
    },
    {
      name: "no samples",
      build: () =>
        conv2dWeightGrad(
          input("empty", "float32", [0, 2, 5, 5]),
          input("slopes", "float32", [0, 2, 3, 3]),
          [3, 3],
        ),
      code: "shape/empty",
      message: "conv2dWeightGrad: every axis must have at least one element, got [0, 2, 5, 5].",
    },
  ],
});
