/** @file Cases of gatherGrad, whose two forms must agree. */

import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { gatherGrad } from "./gather-grad.ts";
import { exact, int32, int64, type OpCases, opCases, relative, uniform } from "./op-cases.ts";

const tolerance = relative(1e-6, "sums of up to three positive numbers");

export const cases: OpCases = opCases(gatherGrad, {
  samples: [
    {
      name: "repeats",
      inputs: [uniform([6, 3], 1, 2), int64([6], [4, 0, 0, 2, 0, 4])],
      build: (g, i) => gatherGrad(g!, i!, { axis: 0, size: 5 }),
      tolerance,
    },
    {
      name: "indices of two axes in the middle, negative",
      inputs: [uniform([2, 2, 2, 3], 1, 2), int32([2, 2], [0, -1, -1, 1])],
      build: (g, i) => gatherGrad(g!, i!, { axis: 1, size: 3 }),
      tolerance,
    },
    {
      name: "scalar index",
      inputs: [uniform([3], 1, 2), int64([], [1])],
      build: (g, i) => gatherGrad(g!, i!, { axis: 1, size: 2 }),
      tolerance,
    },
    {
      name: "no index",
      inputs: [zeros("float32", [0, 2]), int64([0], [])],
      build: (g, i) => gatherGrad(g!, i!, { axis: 0, size: 2 }),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "a cotangent of another shape",
      build: () =>
        gatherGrad(constant(zeros("float32", [3, 2])), constant(zeros("int64", [2])), {
          axis: 0,
          size: 5,
        }),
      code: "shape/mismatch",
      message:
        "gatherGrad: the cotangent must have the shape of indices [2] at axis 0, got [3, 2].",
    },
    {
      name: "float indices",
      build: () =>
        gatherGrad(constant(zeros("float32", [2])), constant(zeros("float32", [2])), {
          axis: 0,
          size: 3,
        }),
      code: "dtype/unsupported",
      message:
        "gatherGrad: the dtype must be one of int32, int64, got float32. Cast the operand first.",
    },
  ],
});
