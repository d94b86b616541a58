/** @file Test cases of conv2d. */

import {
  type OpCases,
  type OpError,
  type OpSample,
  opCases,
  uniform,
} from "../../../test/support/op-cases.ts";
import { constant, input, type Value } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { conv2d } from "./conv2d.ts";
import type { Conv2dOptions } from "./conv2d-rule.ts";

/** Sums of up to 100 products of numbers below 1: a hundred roundings of 6e-8 at worst. */
const tolerance = { rtol: 1e-5, atol: 1e-5, why: "float32 sums of up to a hundred products" };

function sample(
  name: string,
  x: readonly number[],
  kernel: readonly number[],
  options: Conv2dOptions & { readonly bias?: true } = {},
): OpSample {
  const { bias: hasBias, ...rest } = options;
  return {
    name,
    inputs: [
      uniform(x, -1, 1),
      uniform(kernel, -1, 1),
      ...(hasBias ? [uniform([kernel[0]!], -1, 1)] : []),
    ],
    build: (image, weights, bias) =>
      conv2d(image!, weights!, bias === undefined ? rest : { ...rest, bias }),
    tolerance,
  };
}

const samples: readonly OpSample[] = [
  sample("3x3", [2, 3, 5, 6], [4, 3, 3, 3]),
  sample("bias", [2, 3, 5, 6], [4, 3, 3, 3], { bias: true }),
  sample("same padding", [2, 2, 5, 4], [3, 2, 3, 3], { bias: true, padding: "same" }),
  sample("same padding, even kernel, stride 2", [1, 2, 7, 6], [3, 2, 4, 2], {
    padding: "same",
    strides: 2,
  }),
  sample("stride 2, a row left over", [2, 2, 8, 7], [3, 2, 3, 3], { strides: 2 }),
  sample("strides 3 and 1", [1, 2, 9, 5], [2, 2, 2, 3], { strides: [3, 1] }),
  sample("asymmetric padding", [2, 2, 4, 5], [3, 2, 3, 3], { padding: [2, 0, 1, 3], bias: true }),
  sample("padding wider than the kernel", [1, 2, 3, 3], [2, 2, 2, 2], { padding: [3, 2, 2, 3] }),
  sample("dilation", [2, 2, 7, 8], [3, 2, 3, 2], { dilations: [2, 3] }),
  sample("dilation, stride and padding", [2, 2, 9, 8], [3, 2, 3, 3], {
    dilations: 2,
    strides: [2, 3],
    padding: [1, 2, 2, 1],
  }),
  sample("two groups", [2, 4, 5, 5], [6, 2, 3, 3], { groups: 2, bias: true }),
  sample("groups, stride, dilation, padding", [2, 6, 9, 8], [3, 2, 3, 2], {
    groups: 3,
    strides: [3, 2],
    dilations: [1, 2],
    padding: [1, 1, 0, 2],
  }),
  sample("depthwise", [3, 4, 6, 5], [4, 1, 3, 3], { groups: 4, padding: "same", bias: true }),
  sample("depthwise, stride 2", [2, 3, 8, 7], [3, 1, 3, 3], {
    groups: 3,
    strides: 2,
    padding: [1, 1, 1, 1],
  }),
  sample("depthwise, dilation and asymmetric padding", [2, 3, 7, 9], [3, 1, 3, 2], {
    groups: 3,
    strides: [1, 2],
    dilations: [2, 3],
    padding: [0, 3, 1, 1],
  }),
  sample("depthwise with two outputs a channel", [2, 3, 5, 6], [6, 1, 3, 3], {
    groups: 3,
    strides: [2, 1],
    padding: "same",
  }),
  sample("six channels to twelve", [2, 6, 4, 5], [12, 6, 3, 3], { padding: "same" }),
  sample("nine channels to four", [2, 9, 4, 5], [4, 9, 3, 3], { bias: true }),
  sample("1x1", [2, 3, 4, 5], [5, 3, 1, 1], { bias: true }),
  sample("1x1, stride 2", [2, 3, 5, 6], [4, 3, 1, 1], { strides: 2 }),
  sample("one channel, batch 1", [1, 1, 5, 5], [1, 1, 3, 3]),
  sample("kernel larger than the image, padded", [1, 2, 2, 1], [2, 2, 3, 3], {
    padding: [1, 1, 1, 1],
  }),
  sample("kernel as large as the image", [2, 2, 4, 3], [3, 2, 4, 3]),
  sample("one-dimensional, along the width", [2, 3, 1, 9], [4, 3, 1, 5], {
    padding: [0, 2, 0, 2],
    strides: [1, 2],
  }),
];

const x = input("x", "float32", [1, 4, 5, 5]);
const kernel = (...shape: number[]): Value => constant(zeros("float32", shape));

const errors: readonly OpError[] = [
  {
    name: "an input of rank 3",
    build: () => conv2d(input("x", "float32", [4, 5, 5]), kernel(2, 4, 3, 3)),
    code: "shape/rank",
    message:
      "conv2d: the operand must have 4 axes [batch, channels, height, width], got [4, 5, 5]. Reshape it.",
  },
  {
    name: "a kernel of rank 2",
    build: () => conv2d(x, kernel(2, 4)),
    code: "shape/rank",
    message:
      "conv2d: the operand must have 4 axes [out, in/groups, kernelHeight, kernelWidth], got [2, 4]. Reshape it.",
  },
  {
    name: "a kernel for other channels",
    build: () => conv2d(x, kernel(2, 3, 3, 3)),
    code: "shape/mismatch",
    message:
      "conv2d: the kernel [out, in/groups, kernelHeight, kernelWidth] must cover in/groups = 4 channels, got a kernel of [2, 3, 3, 3]. Make the kernel's second axis in/groups.",
  },
  {
    name: "groups that do not divide the channels",
    build: () => conv2d(x, kernel(6, 1, 3, 3), { groups: 3 }),
    code: "shape/groups",
    message:
      "conv2d: groups = 3 must divide the input channels and the output channels, got 4 and 6. Choose a common divisor of both.",
  },
  {
    name: "a bias of another length",
    build: () => conv2d(x, kernel(2, 4, 3, 3), { bias: kernel(3) }),
    code: "shape/mismatch",
    message:
      "conv2d: bias must have the shape [2] that the other operands imply, got [3]. Make the shapes agree.",
  },
  {
    name: "a window that does not fit",
    build: () => conv2d(x, kernel(2, 4, 3, 3), { dilations: [3, 1], padding: [1, 0, 0, 0] }),
    code: "shape/window",
    message:
      "conv2d: the window must fit into the padded input; it reaches over [7, 3], got a padded input of [6, 5]. Pad more, or take a smaller kernel or dilation.",
  },
  {
    name: "stride 0",
    build: () => conv2d(x, kernel(2, 4, 3, 3), { strides: 0 }),
    code: "config/range",
    message:
      "conv2d: strides must be an integer of at least 1, or [height, width] of such, got [0, 0].",
  },
  {
    name: "negative padding",
    build: () => conv2d(x, kernel(2, 4, 3, 3), { padding: [0, -1, 0, 0] }),
    code: "config/range",
    message:
      'conv2d: padding must be "valid", "same" or [top, left, bottom, right], integers of at least 0, got [0, -1, 0, 0].',
  },
  {
    name: "groups that are no number of groups",
    build: () => conv2d(x, kernel(2, 4, 3, 3), { groups: 1.5 }),
    code: "config/range",
    message: "conv2d: groups must be an integer of at least 1, got 1.5.",
  },
  {
    name: "an integer image",
    build: () => conv2d(input("x", "uint8", [1, 4, 5, 5]), kernel(2, 4, 3, 3)),
    code: "dtype/mismatch",
    message:
      "conv2d: operands must have one dtype, got uint8 and float32. Cast one of them: nothing is converted silently.",
  },
  {
    name: "float64",
    build: () =>
      conv2d(input("x", "float64", [1, 4, 5, 5]), constant(zeros("float64", [2, 4, 3, 3]))),
    code: "dtype/unsupported",
    message: "conv2d: the dtype must be float32, got float64. Cast the operand first.",
  },
  {
    name: "an empty batch",
    build: () => conv2d(input("x", "float32", [0, 4, 5, 5]), kernel(2, 4, 3, 3)),
    code: "shape/empty",
    message: "conv2d: every axis must have at least one element, got [0, 4, 5, 5].",
  },
];

export const cases: OpCases = opCases(conv2d, { samples, errors });
