/** @file Test cases of batchNormalization. */

import { type OpCases, type OpSample, opCases, uniform } from "../../../test/support/op-cases.ts";
import { input } from "../graph/index.ts";
import { batchNormalization } from "./batch-normalization.ts";

/** Epsilons are powers of two: float32 holds them exactly. */
function sample(name: string, x: readonly number[], low: number, epsilon: number): OpSample {
  const channels = [x[1]!];
  return {
    name,
    inputs: [
      uniform(x, -2, 2),
      uniform(channels, 0.5, 1.5, 1),
      uniform(channels, -1, 1, 2),
      uniform(channels, -1, 1, 3),
      uniform(channels, low, 2 * low, 4),
    ],
    build: (image, scale, bias, mean, variance) =>
      batchNormalization(image!, scale!, bias!, mean!, variance!, { epsilon }),
    tolerance: { rtol: 1e-5, atol: 1e-5, why: "a difference of numbers near 1, scaled" },
    gradientTolerance: { rtol: 1e-4, atol: 1e-3, why: "float32 sums of up to a hundred products" },
  };
}

const x = input("x", "float32", [2, 3, 4, 4]);
const c = input("c", "float32", [3]);
const whole = input("whole", "int32", [3]);

export const cases: OpCases = opCases(batchNormalization, {
  samples: [
    sample("images", [2, 3, 4, 5], 0.5, 2 ** -16),
    sample("features", [6, 3], 0.5, 2 ** -16),
    sample("an even number of features", [6, 8], 0.5, 2 ** -16),
    sample("sequences", [2, 3, 7], 0.5, 2 ** -16),
    sample("variance as small as epsilon", [2, 3, 2, 2], 2 ** -2, 2 ** -2),
    sample("one channel, batch 1", [1, 1, 3, 3], 0.5, 2 ** -10),
  ],
  errors: [
    {
      name: "statistics of another number of channels",
      build: () => batchNormalization(x, c, c, c, input("v", "float32", [4])),
      code: "shape/mismatch",
      message:
        "batchNormalization: variance must have the shape [3] that the other operands imply, got [4]. Make the shapes agree.",
    },
    {
      name: "no channel axis",
      build: () => batchNormalization(c, c, c, c, c),
      code: "shape/rank",
      message:
        "batchNormalization: the operand must have at least 2 axes [batch, channels, ...], got [3]. Reshape it.",
    },
    {
      name: "epsilon 0",
      build: () => batchNormalization(x, c, c, c, c, { epsilon: 0 }),
      code: "config/range",
      message: "batchNormalization: epsilon must be a positive finite number, got 0.",
    },
    {
      name: "no samples",
      build: () => batchNormalization(input("empty", "float32", [0, 3]), c, c, c, c),
      code: "shape/empty",
      message: "batchNormalization: every axis must have at least one element, got [0, 3].",
    },
    {
      name: "a scale of another dtype",
      build: () => batchNormalization(x, input("scale", "float64", [3]), c, c, c),
      code: "dtype/mismatch",
      message:
        "batchNormalization: operands must have one dtype, got float32 and float64 and float32 and float32 and float32. Cast one of them: nothing is converted silently.",
    },
    {
      name: "integers",
      build: () => batchNormalization(input("i", "int32", [2, 3]), whole, whole, whole, whole),
      code: "dtype/unsupported",
      message: "batchNormalization: the dtype must be float32, got int32. Cast the operand first.",
    },
  ],
});
