/** @file Cases of erf: near zero, in the tails, saturation. */

import { exact, type OpCases, opCases, uniform } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { erf } from "./erf.ts";

const tolerance = {
  rtol: 4e-7,
  atol: 3e-7,
  why: "the runtime's polynomial approximation of a number below 1",
};

const goldenTolerance = { rtol: 6e-8, atol: 0, why: "2/√π is a float32 constant in the graph" };

export const cases: OpCases = opCases(erf, {
  samples: [
    { name: "matrix", inputs: [uniform([3, 4], -3, 3)], tolerance, goldenTolerance },
    { name: "near zero", inputs: [uniform([4], -0.01, 0.01)], tolerance, goldenTolerance },
    {
      name: "zero and the tails",
      inputs: [float32([5], [0, -5.5, 5.5, -7, 7])],
      tolerance,
      goldenTolerance,
    },
    {
      name: "saturated",
      inputs: [float32([4], [-1000, 1000, -Infinity, Infinity])],
      tolerance,
      goldenTolerance,
      noDifferences: "inputs are not finite",
    },
    { name: "scalar", inputs: [uniform([], -1, 1)], tolerance, goldenTolerance },
    { name: "empty", inputs: [zeros("float32", [0, 2])], tolerance: exact },
  ],
  errors: [
    {
      name: "integers",
      build: () => erf(constant(zeros("int32", [2]))),
      code: "dtype/unsupported",
      message: "erf: the dtype must be float32, got int32. Cast the operand first.",
    },
  ],
});
