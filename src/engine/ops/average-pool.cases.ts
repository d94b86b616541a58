/** @file Test cases of averagePool. */

import { type OpCases, type OpSample, opCases, uniform } from "../../../test/support/op-cases.ts";
import { input } from "../graph/index.ts";
import { type AveragePoolOptions, averagePool } from "./average-pool.ts";

function sample(name: string, x: readonly number[], options: AveragePoolOptions): OpSample {
  return {
    name,
    inputs: [uniform(x, -1, 1)],
    build: (image) => averagePool(image!, options),
    tolerance: { rtol: 1e-6, atol: 1e-6, why: "float32 sums of up to nine numbers below 1" },
  };
}

const x = input("x", "float32", [1, 2, 5, 5]);

export const cases: OpCases = opCases(averagePool, {
  samples: [
    sample("2x2", [2, 3, 4, 6], { kernel: 2 }),
    sample("a row and a column left over", [2, 2, 5, 7], { kernel: 2 }),
    sample("3x2 windows", [1, 2, 6, 5], { kernel: [3, 2] }),
    sample("overlapping", [2, 2, 7, 8], { kernel: 3, strides: 2 }),
    sample("padded: mean of the image's elements", [2, 2, 5, 5], {
      kernel: 3,
      strides: 2,
      padding: [1, 1, 1, 1],
    }),
    sample("padded: padding counted", [2, 2, 5, 5], {
      kernel: 3,
      strides: 2,
      padding: [1, 1, 1, 1],
      countIncludesPadding: true,
    }),
    sample("asymmetric padding, same", [1, 2, 4, 6], { kernel: 3, strides: 2, padding: "same" }),
    sample("asymmetric padding, counted", [1, 2, 4, 5], {
      kernel: 3,
      strides: [2, 1],
      padding: [0, 1, 2, 0],
      countIncludesPadding: true,
    }),
    sample("gaps between windows", [1, 1, 7, 8], { kernel: 2, strides: 3 }),
    sample("one window", [3, 1, 3, 2], { kernel: [3, 2] }),
  ],
  errors: [
    {
      name: "padding as large as the kernel",
      build: () => averagePool(x, { kernel: 2, padding: [0, 0, 0, 2] }),
      code: "config/range",
      message:
        "averagePool: padding must be smaller than the kernel [2, 2] on every side, got [0, 0, 0, 2]. Pad less, or pad the image first.",
    },
    {
      name: "a window that does not fit",
      build: () => averagePool(x, { kernel: [1, 6] }),
      code: "shape/window",
      message:
        "averagePool: the window must fit into the padded input; it reaches over [1, 6], got a padded input of [5, 5]. Pad more, or take a smaller kernel or dilation.",
    },
    {
      name: "an image without rows",
      build: () =>
        averagePool(input("empty", "float32", [1, 2, 0, 5]), { kernel: 2, padding: "same" }),
      code: "shape/empty",
      message: "averagePool: every axis must have at least one element, got [1, 2, 0, 5].",
    },
    {
      name: "features instead of images",
      build: () => averagePool(input("features", "float32", [4, 3]), { kernel: 2 }),
      code: "shape/rank",
      message:
        "averagePool: the operand must have 4 axes [batch, channels, height, width], got [4, 3]. Reshape it.",
    },
    {
      name: "an integer image",
      build: () => averagePool(input("pixels", "uint8", [1, 2, 5, 5]), { kernel: 2 }),
      code: "dtype/unsupported",
      message: "averagePool: the dtype must be float32, got uint8. Cast the operand first.",
    },
  ],
});
