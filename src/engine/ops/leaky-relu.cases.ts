/** @file Cases of leakyRelu: the kink, slopes other than the default. */

import { type OpCases, opCases, rounded, spaced } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { leakyRelu } from "./leaky-relu.ts";

/** ONNX keeps the slope in float32, the reference in float64. */
const tolerance = { rtol: 3e-7, atol: 1e-30, why: "the slope's rounding and the product's" };

export const cases: OpCases = opCases(leakyRelu, {
  samples: [
    {
      name: "default slope",
      inputs: [spaced([3, 4], -2, 2)],
      build: (x) => leakyRelu(x!),
      tolerance,
      goldenTolerance: {
        rtol: 3e-8,
        atol: 0,
        why: "0.01 is a float32 constant in the gradient's graph",
      },
    },
    {
      name: "slope 0.25",
      inputs: [spaced([4], -2, 2)],
      build: (x) => leakyRelu(x!, 0.25),
      tolerance: rounded,
    },
    {
      name: "negative slope",
      inputs: [spaced([4], -2, 2)],
      build: (x) => leakyRelu(x!, -0.5),
      tolerance: rounded,
    },
    {
      name: "the kink",
      inputs: [float32([2], [0, 1])],
      build: (x) => leakyRelu(x!, 0.25),
      tolerance: rounded,
      noDifferences: "a kink",
    },
    {
      name: "empty",
      inputs: [zeros("float32", [0, 3])],
      build: (x) => leakyRelu(x!),
      tolerance,
    },
    {
      name: "scalar",
      inputs: [float32([], [-2])],
      build: (x) => leakyRelu(x!, 0.25),
      tolerance,
    },
  ],
  errors: [
    {
      name: "integers",
      build: () => leakyRelu(constant(zeros("int32", [2]))),
      code: "dtype/float",
      message:
        'leakyRelu: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
    },
    {
      name: "a slope that is no number",
      build: () => leakyRelu(constant(zeros("float32", [2])), NaN),
      code: "config/range",
      message: "leakyRelu: alpha must be a finite number, got NaN. Give an ordinary number.",
    },
  ],
});
