/** @file Test cases of maxPoolGrad. */

import {
  exact,
  type OpCases,
  type OpSample,
  opCases,
  spaced,
  uniform,
} from "../../../test/support/op-cases.ts";
import { input } from "../graph/index.ts";
import { float32, type Tensor } from "../tensor/index.ts";
import { maxPoolGrad } from "./max-pool-grad.ts";
import type { PoolOptions } from "./pool-rule.ts";

function sample(
  name: string,
  x: Tensor<"float32">,
  dy: readonly number[],
  options: PoolOptions,
): OpSample {
  return {
    name,
    inputs: [x, uniform(dy, -1, 1)],
    build: (image, gradient) => maxPoolGrad(image!, gradient!, options),
    // windows that overlap add up to nine gradients below 1
    tolerance: { rtol: 1e-6, atol: 1e-6, why: "sums of a few gradients where windows overlap" },
  };
}

const x = input("x", "float32", [1, 2, 4, 4]);

export const cases: OpCases = opCases(maxPoolGrad, {
  samples: [
    sample("2x2", spaced([2, 3, 4, 6], -3, 3), [2, 3, 2, 3], { kernel: 2 }),
    sample("2x2, a row and a column left over", spaced([2, 2, 5, 7], -3, 3), [2, 2, 2, 3], {
      kernel: 2,
    }),
    sample("3x2 windows", spaced([1, 2, 6, 5], -3, 3), [1, 2, 2, 2], { kernel: [3, 2] }),
    sample("overlapping 3x3, stride 2", spaced([2, 2, 7, 8], -3, 3), [2, 2, 3, 3], {
      kernel: 3,
      strides: 2,
    }),
    sample("overlapping, same padding", spaced([2, 2, 6, 5], -3, 3), [2, 2, 3, 3], {
      kernel: 3,
      strides: 2,
      padding: "same",
    }),
    sample("2x2, padded", spaced([1, 2, 5, 5], -3, 3), [1, 2, 3, 3], {
      kernel: 2,
      padding: [0, 1, 1, 0],
    }),
    sample("gaps between windows", spaced([2, 2, 7, 8], -3, 3), [2, 2, 2, 3], {
      kernel: 2,
      strides: 3,
    }),
    {
      ...sample("one place, padded by as much", spaced([1, 2, 1, 1], -3, 3), [1, 2, 1, 1], {
        kernel: 2,
        strides: 2,
        padding: [1, 1, 1, 1],
      }),
      noGolden: "the only element is the only maximum: its gradient is dy",
    },
    {
      name: "a constant image: every window's first element takes all",
      inputs: [float32([1, 2, 4, 4], new Float32Array(32)), uniform([1, 2, 2, 2], -1, 1)],
      build: (image, gradient) => maxPoolGrad(image!, gradient!, { kernel: 2 }),
      tolerance: exact,
    },
    {
      name: "ties at every pair of places",
      inputs: [
        float32(
          [1, 1, 2, 12],
          [1, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1],
        ),
        uniform([1, 1, 1, 6], 0.5, 1),
      ],
      build: (image, gradient) => maxPoolGrad(image!, gradient!, { kernel: 2 }),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "a gradient of another size",
      build: () => maxPoolGrad(x, x, { kernel: 2 }),
      code: "shape/mismatch",
      message:
        "maxPoolGrad: dy must have the shape [1, 2, 2, 2] that the other operands imply, got [1, 2, 4, 4]. Make the shapes agree.",
    },
    {
      name: "a gradient of another dtype",
      build: () => maxPoolGrad(x, input("dy", "float64", [1, 2, 2, 2]), { kernel: 2 }),
      code: "dtype/mismatch",
      message:
        "maxPoolGrad: operands must have one dtype, got float32 and float64. Cast one of them: nothing is converted silently.",
    },
    {
      name: "an image without rows",
      build: () => maxPoolGrad(input("empty", "float32", [1, 2, 0, 4]), x, { kernel: 2 }),
      code: "shape/empty",
      message: "maxPoolGrad: every axis must have at least one element, got [1, 2, 0, 4].",
    },
  ],
});
