/** @file Test cases of maxPool. */

import {
  exact,
  type OpCases,
  type OpSample,
  opCases,
  spaced,
} from "../../../test/support/op-cases.ts";
import { input } from "../graph/index.ts";
import { float32 } from "../tensor/index.ts";
import { maxPool } from "./max-pool.ts";
import type { PoolOptions } from "./pool-rule.ts";

/** Elements differ by far more than the step of a central difference. */
function sample(name: string, x: readonly number[], options: PoolOptions): OpSample {
  return {
    name,
    inputs: [spaced(x, -3, 3)],
    build: (image) => maxPool(image!, options),
    tolerance: exact,
    gradientTolerance: {
      rtol: 1e-6,
      atol: 0,
      why: "sums of a few gradients where windows overlap",
    },
  };
}

const x = input("x", "float32", [1, 2, 5, 5]);

export const cases: OpCases = opCases(maxPool, {
  samples: [
    sample("2x2", [2, 3, 4, 6], { kernel: 2 }),
    sample("2x2, a row and a column left over", [2, 2, 5, 7], { kernel: 2 }),
    sample("3x2 windows", [1, 2, 6, 5], { kernel: [3, 2] }),
    sample("overlapping 3x3, stride 2", [2, 2, 7, 8], { kernel: 3, strides: 2 }),
    sample("overlapping, same padding", [2, 2, 6, 5], { kernel: 3, strides: 2, padding: "same" }),
    sample("2x2, padded", [1, 2, 5, 5], { kernel: 2, padding: [0, 1, 1, 0] }),
    sample("gaps between windows", [1, 1, 7, 8], { kernel: 2, strides: 3 }),
    sample("1x1", [1, 2, 3, 3], { kernel: 1 }),
    sample("one window", [3, 1, 3, 2], { kernel: [3, 2] }),
    sample("stride 1", [1, 1, 4, 4], { kernel: 2, strides: 1 }),
    {
      name: "all negative, padded: padding never wins",
      inputs: [spaced([1, 1, 3, 3], -2, -1)],
      build: (image) => maxPool(image!, { kernel: 3, strides: 2, padding: [1, 1, 1, 1] }),
      tolerance: exact,
    },
    {
      name: "ties go to the first",
      inputs: [float32([1, 1, 4, 4], [0, 0, 1, 2, 0, 0, 2, 2, 5, 1, -1, -2, 5, 5, -1, -1])],
      build: (image) => maxPool(image!, { kernel: 2 }),
      tolerance: exact,
      noDifferences: "ties",
    },
    {
      name: "ties in overlapping windows",
      inputs: [float32([1, 1, 4, 4], [0, 0, 1, 2, 0, 3, 3, 2, 5, 3, -1, -2, 5, 5, -1, -1])],
      build: (image) => maxPool(image!, { kernel: 2, strides: 1 }),
      tolerance: exact,
      gradientTolerance: { rtol: 1e-6, atol: 0, why: "sums of up to four gradients" },
      noDifferences: "ties",
    },
  ],
  errors: [
    {
      name: "padding as large as the kernel",
      build: () => maxPool(x, { kernel: [2, 3], padding: [2, 0, 0, 0] }),
      code: "config/range",
      message:
        "maxPool: padding must be smaller than the kernel [2, 3] on every side, got [2, 0, 0, 0]. Pad less, or pad the image first.",
    },
    {
      name: "a window that does not fit",
      build: () => maxPool(x, { kernel: 6 }),
      code: "shape/window",
      message:
        "maxPool: the window must fit into the padded input; it reaches over [6, 6], got a padded input of [5, 5]. Pad more, or take a smaller kernel or dilation.",
    },
    {
      name: "a kernel of 0",
      build: () => maxPool(x, { kernel: 0 }),
      code: "config/range",
      message:
        "maxPool: kernel must be an integer of at least 1, or [height, width] of such, got [0, 0].",
    },
    {
      name: "an integer image",
      build: () => maxPool(input("x", "int32", [1, 2, 4, 4]), { kernel: 2 }),
      code: "dtype/unsupported",
      message: "maxPool: the dtype must be float32, got int32. Cast the operand first.",
    },
    {
      name: "an input of rank 3",
      build: () => maxPool(input("x", "float32", [2, 4, 4]), { kernel: 2 }),
      code: "shape/rank",
      message:
        "maxPool: the operand must have 4 axes [batch, channels, height, width], got [2, 4, 4]. Reshape it.",
    },
    {
      name: "an image without rows",
      build: () => maxPool(input("x", "float32", [2, 4, 0, 4]), { kernel: 2 }),
      code: "shape/empty",
      message: "maxPool: every axis must have at least one element, got [2, 4, 0, 4].",
    },
  ],
});
