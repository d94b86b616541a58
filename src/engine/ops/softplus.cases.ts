/** @file Cases of softplus: both tails, where the naive formula overflows or vanishes. */

import { exact, type OpCases, opCases, relative, uniform } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { softplus } from "./softplus.ts";

const tolerance = relative(1e-6, "one exponential and one logarithm in float32");
const gradientTolerance = {
  rtol: 1e-6,
  atol: 3e-7,
  why: "the runtime's rational approximation of sigmoid",
};

export const cases: OpCases = opCases(softplus, {
  samples: [
    { name: "matrix", inputs: [uniform([3, 4], -3, 3)], tolerance, gradientTolerance },
    {
      name: "tails",
      inputs: [float32([5], [-50, -15, 0, 15, 1000])],
      tolerance,
      gradientTolerance,
      goldenTolerance: {
        rtol: 1e-8,
        atol: 1e-16,
        why: "PyTorch returns x itself above its threshold of 20",
      },
    },
    { name: "empty", inputs: [zeros("float32", [0, 2])], tolerance: exact },
    { name: "scalar", inputs: [float32([], [1])], tolerance, gradientTolerance },
  ],
  errors: [
    {
      name: "integers",
      build: () => softplus(constant(zeros("int32", [2]))),
      code: "dtype/unsupported",
      message:
        "softplus: the dtype must be one of float32, float64, got int32. Cast the operand first.",
    },
  ],
});
