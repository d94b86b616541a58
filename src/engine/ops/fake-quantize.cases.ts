/** @file Cases of fakeQuantize: halves, both sides of the limits, a scale for each channel. */

import { float64, type OpCases, opCases, rounded, spaced } from "../../../test/support/op-cases.ts";
import { constant, input } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { fakeQuantize } from "./fake-quantize.ts";

const int8 = { min: -128, max: 127 };
const noDifferences = "a staircase: its derivative is a convention";
/** Scales are powers of two, so that quotients are exact and no software rounds them first. */
const same = {
  tolerance: rounded,
  gradientTolerance: { rtol: 1e-5, atol: 1e-5, why: "a difference of quotients up to 20, summed" },
  goldenTolerance: { rtol: 1e-5, atol: 1e-6, why: "PyTorch has these derivatives in float32 only" },
  noDifferences,
};

export const cases: OpCases = opCases(fakeQuantize, {
  samples: [
    {
      name: "one scale, some beyond the limits",
      inputs: [spaced([4, 5], -5.3, 5.1), float32([], [0.25]), float32([], [3])],
      build: (x, scale, zeroPoint) => fakeQuantize(x!, scale!, zeroPoint!, { min: -8, max: 7 }),
      ...same,
    },
    {
      name: "a scale for each output channel of a convolution",
      inputs: [
        spaced([3, 2, 2, 2], -1, 1),
        float32([3, 1, 1, 1], [0.125, 0.0625, 0.5]),
        zeros("float32", [3, 1, 1, 1]),
      ],
      build: (x, scale, zeroPoint) => fakeQuantize(x!, scale!, zeroPoint!, { min: -7, max: 7 }),
      ...same,
    },
    {
      name: "halves go to even",
      inputs: [float32([8], [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 126.5, 127.5]), float32([], [1])],
      build: (x, scale) => fakeQuantize(x!, scale!, 0, int8),
      ...same,
    },
    {
      name: "the limits themselves, which pass the gradient",
      inputs: [float32([4], [-65, -64, 63.5, 64.5]), float32([], [0.5]), float32([], [0])],
      build: (x, scale, zeroPoint) => fakeQuantize(x!, scale!, zeroPoint!, int8),
      ...same,
    },
    {
      name: "far out",
      inputs: [float32([3], [-1e30, 3e8, 0]), float32([], [0.5])],
      build: (x, scale) => fakeQuantize(x!, scale!, -4, int8),
      ...same,
      noGolden: "PyTorch's integers overflow",
    },
    {
      name: "float64",
      inputs: [float64(spaced([5], -2, 2)), float64(float32([], [0.5])), float64(float32([], [0]))],
      build: (x, scale, zeroPoint) => fakeQuantize(x!, scale!, zeroPoint!, { min: -2, max: 1 }),
      ...same,
    },
    {
      name: "empty",
      inputs: [zeros("float32", [0, 2]), float32([], [0.5]), float32([], [0])],
      build: (x, scale, zeroPoint) => fakeQuantize(x!, scale!, zeroPoint!, int8),
      ...same,
      noGolden: "PyTorch gives the scale of an empty tensor a gradient of 0.5",
    },
  ],
  errors: [
    {
      name: "more scales than channels",
      build: () => fakeQuantize(input("x", "float32", [2, 3]), input("s", "float32", [4]), 0, int8),
      code: "shape/broadcast",
      message:
        "fakeQuantize: scale must spread over x, [2, 3], got [4]. Give a scalar, or one per channel with the other axes 1: [channels, 1, 1, 1].",
    },
    {
      name: "limits in the wrong order",
      build: () => fakeQuantize(constant(zeros("float32", [2])), 1, 0, { min: 127, max: -128 }),
      code: "config/range",
      message:
        "fakeQuantize: min and max must be integers, min below max, got 127 and -128. int8 has −128 and 127.",
    },
    {
      name: "integers",
      build: () => fakeQuantize(constant(zeros("int32", [2])), 1, 0, int8),
      code: "dtype/unsupported",
      message:
        "fakeQuantize: the dtype must be one of float32, float64, got int32. Cast the operand first.",
    },
    {
      name: "a scale of another dtype",
      build: () => fakeQuantize(input("x", "float32", [2]), input("s", "float64", []), 0, int8),
      code: "dtype/mismatch",
      message:
        "fakeQuantize: operands must have one dtype, got float32 and float64 and float32. Cast one of them: nothing is converted silently.",
    },
    {
      name: "integers, and a scale that they cannot hold",
      build: () => fakeQuantize(constant(zeros("int32", [2])), 0.1, 0, int8),
      code: "dtype/unsupported",
      message:
        "fakeQuantize: the dtype must be one of float32, float64, got int32. Cast the operand first.",
    },
  ],
});
