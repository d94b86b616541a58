/** @file Test cases of conv2dInputGrad. */

import { type OpCases, type OpSample, opCases, uniform } from "../../../test/support/op-cases.ts";
import { input } from "../graph/index.ts";
import { conv2dInputGrad } from "./conv2d-input-grad.ts";
import type { Conv2dOptions } from "./conv2d-rule.ts";
import type { Size2d } from "./window.ts";

const tolerance = { rtol: 1e-5, atol: 1e-5, why: "float32 sums of up to a hundred products" };

function sample(
  name: string,
  dy: readonly number[],
  kernel: readonly number[],
  size: Size2d,
  options: Conv2dOptions = {},
): OpSample {
  return {
    name,
    inputs: [uniform(dy, -1, 1), uniform(kernel, -1, 1)],
    build: (gradient, weights) => conv2dInputGrad(gradient!, weights!, size, options),
    tolerance,
  };
}

const x = input("x", "float32", [1, 2, 3, 3]);
const kernel = input("kernel", "float32", [2, 4, 3, 3]);

export const cases: OpCases = opCases(conv2dInputGrad, {
  samples: [
    sample("3x3", [2, 4, 3, 4], [4, 3, 3, 3], [5, 6]),
    sample("same padding", [2, 3, 5, 4], [3, 2, 3, 3], [5, 4], { padding: "same" }),
    sample("stride 2, a row left over", [2, 3, 3, 3], [3, 2, 3, 3], [8, 7], { strides: 2 }),
    sample("stride 4, three columns left over", [1, 2, 2, 2], [2, 2, 1, 2], [5, 9], { strides: 4 }),
    sample("asymmetric padding", [2, 3, 5, 6], [3, 2, 3, 3], [4, 5], { padding: [2, 0, 1, 3] }),
    sample("padding wider than the kernel", [1, 2, 7, 7], [2, 2, 2, 2], [3, 3], {
      padding: [3, 2, 2, 3],
    }),
    sample("dilation", [2, 3, 3, 5], [3, 2, 3, 2], [7, 8], { dilations: [2, 3] }),
    sample("dilation, stride and padding", [2, 3, 4, 3], [3, 2, 3, 3], [9, 8], {
      dilations: 2,
      strides: [2, 3],
      padding: [1, 2, 2, 1],
    }),
    sample("two groups", [2, 6, 3, 3], [6, 2, 3, 3], [5, 5], { groups: 2 }),
    sample("two groups, stride 2", [2, 4, 3, 3], [4, 3, 3, 3], [6, 6], {
      groups: 2,
      strides: 2,
      padding: "same",
    }),
    sample("depthwise", [3, 4, 6, 5], [4, 1, 3, 3], [6, 5], { groups: 4, padding: "same" }),
    sample("depthwise, dilation and asymmetric padding", [2, 3, 4, 5], [3, 1, 3, 2], [7, 9], {
      groups: 3,
      strides: [1, 2],
      dilations: [2, 3],
      padding: [0, 3, 1, 1],
    }),
    sample("depthwise with two outputs a channel", [2, 6, 5, 6], [6, 1, 3, 3], [5, 6], {
      groups: 3,
      padding: "same",
    }),
    sample("twelve channels to six", [2, 6, 4, 5], [6, 12, 3, 3], [4, 5], { padding: "same" }),
    sample("1x1", [2, 5, 4, 5], [5, 3, 1, 1], [4, 5]),
    sample("one channel, batch 1", [1, 1, 3, 3], [1, 1, 3, 3], [5, 5]),
    sample("kernel larger than the image, padded", [1, 2, 2, 1], [2, 2, 3, 3], [2, 1], {
      padding: [1, 1, 1, 1],
    }),
  ],
  errors: [
    {
      name: "an input without rows",
      build: () => conv2dInputGrad(x, kernel, [0, 5], { padding: [2, 2, 2, 2] }),
      code: "shape/window",
      message:
        "conv2dInputGrad: inputSize must be integers of at least 1, got [0, 5]. Give height and width of the convolution's input.",
    },
    {
      name: "a gradient of another size",
      build: () => conv2dInputGrad(x, kernel, [6, 5]),
      code: "shape/mismatch",
      message:
        "conv2dInputGrad: dy must have the shape [1, 2, 4, 3] that the other operands imply, got [1, 2, 3, 3]. Make the shapes agree.",
    },
    {
      name: "groups that do not divide the outputs",
      build: () => conv2dInputGrad(x, kernel, [5, 5], { groups: 3 }),
      code: "shape/groups",
      message:
        "conv2dInputGrad: groups = 3 must divide the input channels and the output channels, got 12 and 2. Choose a common divisor of both.",
    },
    {
      name: "an image smaller than the kernel",
      build: () => conv2dInputGrad(x, kernel, [2, 5]),
      code: "shape/window",
      message:
        "conv2dInputGrad: the window must fit into the padded input; it reaches over [3, 3], got a padded input of [2, 5]. Pad more, or take a smaller kernel or dilation.",
    },
    {
      name: "no samples",
      build: () => conv2dInputGrad(input("empty", "float32", [0, 2, 3, 3]), kernel, [5, 5]),
      code: "shape/empty",
      message: "conv2dInputGrad: every axis must have at least one element, got [0, 2, 3, 3].",
    },
  ],
});
