/** @file Test cases of normalizeBatch, fed with the statistics of its own operand. */

import { type OpCases, type OpSample, opCases, uniform } from "../../../test/support/op-cases.ts";
import { input, type Value } from "../graph/index.ts";
import { mul } from "./mul.ts";
import { normalizeBatch } from "./normalize-batch.ts";
import { reduceMean } from "./reduce-mean.ts";
import { reshape } from "./reshape.ts";
import { sub } from "./sub.ts";

function build(x: Value, scale: Value, bias: Value, epsilon: number): Value {
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const mean = reduceMean(x, { axes });
  const spread = x.shape.map((_, axis) => (axis === 1 ? -1 : 1));
  const centred = sub(x, reshape(mean, spread));
  const variance = reduceMean(mul(centred, centred), { axes });
  return normalizeBatch(x, scale, bias, mean, variance, { epsilon });
}

/** Epsilons are powers of two: float32 holds them exactly. */
function sample(name: string, x: readonly number[], epsilon: number): OpSample {
  const channels = [x[1]!];
  return {
    name,
    inputs: [uniform(x, -2, 2), uniform(channels, 0.5, 1.5, 1), uniform(channels, -1, 1, 2)],
    build: (image, scale, bias) => build(image!, scale!, bias!, epsilon),
    tolerance: { rtol: 1e-5, atol: 1e-5, why: "a difference of numbers near 1, scaled" },
    gradientTolerance: { rtol: 1e-4, atol: 1e-4, why: "differences of sums of a hundred terms" },
  };
}

const x = input("x", "float32", [2, 3, 4, 4]);
const c = input("c", "float32", [3]);
const whole = input("whole", "int32", [3]);

export const cases: OpCases = opCases(normalizeBatch, {
  samples: [
    sample("images", [2, 3, 4, 5], 2 ** -16),
    sample("features", [6, 3], 2 ** -16),
    sample("an even number of features", [6, 8], 2 ** -16),
    sample("sequences", [2, 3, 7], 2 ** -16),
    sample("an epsilon as large as the variance", [2, 3, 2, 4], 1),
    sample("one channel, batch 1", [1, 1, 3, 3], 2 ** -10),
  ],
  errors: [
    {
      name: "statistics of another number of channels",
      build: () => normalizeBatch(x, c, c, c, input("v", "float32", [4])),
      code: "shape/mismatch",
      message:
        "normalizeBatch: variance must have the shape [3] that the other operands imply, got [4]. Make the shapes agree.",
    },
    {
      name: "no channel axis",
      build: () => normalizeBatch(c, c, c, c, c),
      code: "shape/rank",
      message:
        "normalizeBatch: the operand must have at least 2 axes [batch, channels, ...], got [3]. Reshape it.",
    },
    {
      name: "epsilon 0",
      build: () => normalizeBatch(x, c, c, c, c, { epsilon: 0 }),
      code: "config/range",
      message: "normalizeBatch: epsilon must be a positive finite number, got 0.",
    },
    {
      name: "no samples",
      build: () => normalizeBatch(input("empty", "float32", [0, 3]), c, c, c, c),
      code: "shape/empty",
      message: "normalizeBatch: every axis must have at least one element, got [0, 3].",
    },
    {
      name: "a scale of another dtype",
      build: () => normalizeBatch(x, input("scale", "float64", [3]), c, c, c),
      code: "dtype/mismatch",
      message:
        "normalizeBatch: operands must have one dtype, got float32 and float64 and float32 and float32 and float32. Cast one of them: nothing is converted silently.",
    },
    {
      name: "integers",
      build: () => normalizeBatch(input("i", "int32", [2, 3]), whole, whole, whole, whole),
      code: "dtype/unsupported",
      message: "normalizeBatch: the dtype must be float32, got int32. Cast the operand first.",
    },
  ],
});
