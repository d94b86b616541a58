/** @file Cases of gatherGrad, whose two forms must agree. */

import {
  exact,
  int32,
  int64,
  type OpCases,
  opCases,
  relative,
  uniform,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { gatherGrad } from "./gather-grad.ts";

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
    {
      name: "rows without elements",
      inputs: [zeros("float32", [2, 0]), int64([2], [0, 2])],
      build: (g, i) => gatherGrad(g!, i!, { axis: 0, size: 3 }),
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
    {
      name: "an axis far beyond, with a scalar index",
      build: () =>
        gatherGrad(constant(zeros("float32", [3, 2])), constant(zeros("int64", [])), {
          axis: 9,
          size: 5,
        }),
      code: "shape/axis",
      message:
        "gatherGrad: axis must be an integer in 0 … 2 for a cotangent [3, 2] and indices [], got 9. Name the axis that was gathered from, counted from the front.",
    },
    {
      name: "an axis just beyond",
      build: () =>
        gatherGrad(constant(zeros("float32", [3, 2])), constant(zeros("int64", [2])), {
          axis: 2,
          size: 5,
        }),
      code: "shape/axis",
      message:
        "gatherGrad: axis must be an integer in 0 … 1 for a cotangent [3, 2] and indices [2], got 2. Name the axis that was gathered from, counted from the front.",
    },
    {
      name: "an axis counted from the end",
      build: () =>
        gatherGrad(constant(zeros("float32", [3, 2])), constant(zeros("int64", [2])), {
          axis: -1,
          size: 5,
        }),
      code: "shape/axis",
      message:
        "gatherGrad: axis must be an integer in 0 … 1 for a cotangent [3, 2] and indices [2], got -1. Name the axis that was gathered from, counted from the front.",
    },
    {
      name: "half an axis",
      build: () =>
        gatherGrad(constant(zeros("float32", [3, 2])), constant(zeros("int64", [])), {
          axis: 0.5,
          size: 5,
        }),
      code: "shape/axis",
      message:
        "gatherGrad: axis must be an integer in 0 … 2 for a cotangent [3, 2] and indices [], got 0.5. Name the axis that was gathered from, counted from the front.",
    },
    {
      name: "indices of more axes than the cotangent",
      build: () =>
        gatherGrad(constant(zeros("float32", [3, 2])), constant(zeros("int64", [1, 3, 2])), {
          axis: 0,
          size: 5,
        }),
      code: "shape/mismatch",
      message:
        "gatherGrad: the cotangent must have the shape of indices [1, 3, 2] at axis 0, got [3, 2].",
    },
    {
      name: "a negative size",
      build: () =>
        gatherGrad(constant(zeros("float32", [3, 2])), constant(zeros("int64", [])), {
          axis: 0,
          size: -1,
        }),
      code: "config/range",
      message: "gatherGrad: size must be an integer, at least 0, got -1. Correct size.",
    },
  ],
});
