/** @file Cases of exp: underflow to 0, overflow to infinity. */

import { exact, type OpCases, opCases, relative, uniform } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { exp } from "./exp.ts";

export const cases: OpCases = opCases(exp, {
  samples: [
    {
      name: "matrix",
      inputs: [uniform([3, 4], -2, 2)],
      tolerance: relative(5e-7, "the runtime's polynomial"),
    },
    {
      name: "one element",
      inputs: [uniform([1, 1], 3, 4)],
      tolerance: relative(5e-7, "the runtime's polynomial"),
    },
    {
      name: "−∞ gives 0, +∞ gives +∞, NaN stays",
      inputs: [float32([4], [-Infinity, Infinity, NaN, 0])],
      tolerance: exact,
      noGradientCheck: "no finite value to differentiate",
    },
    {
      name: "large negative underflows to 0",
      inputs: [float32([2], [-200, -120])],
      tolerance: { rtol: 0, atol: 1e-38, why: "float32's smallest normal number" },
      noDifferences: "far below the step's rounding noise",
    },
    { name: "empty", inputs: [zeros("float32", [2, 0])], tolerance: exact },
  ],
  errors: [
    {
      name: "integers",
      build: () => exp(constant(zeros("int32", [2]))),
      code: "dtype/float",
      message:
        'exp: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
    },
  ],
});
