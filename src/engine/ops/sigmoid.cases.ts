/** @file Cases of sigmoid: saturation on both sides. */

import { exact, type OpCases, opCases, uniform } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { sigmoid } from "./sigmoid.ts";

const tolerance = {
  rtol: 0,
  atol: 3e-7,
  why: "the runtime's rational approximation of a number below 1",
};

export const cases: OpCases = opCases(sigmoid, {
  samples: [
    { name: "matrix", inputs: [uniform([3, 4], -3, 3)], tolerance },
    { name: "scalar", inputs: [uniform([], -1, 1)], tolerance },
    { name: "saturated", inputs: [float32([4], [-1000, 1000, -20, 20])], tolerance },
    {
      name: "infinities",
      inputs: [float32([2], [-Infinity, Infinity])],
      tolerance,
      noDifferences: "inputs are not finite",
    },
    { name: "empty", inputs: [zeros("float32", [0, 2])], tolerance: exact },
  ],
  errors: [
    {
      name: "integers",
      build: () => sigmoid(constant(zeros("int32", [2]))),
      code: "dtype/float",
      message:
        'sigmoid: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
    },
  ],
});
