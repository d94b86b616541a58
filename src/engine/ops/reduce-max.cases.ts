/** @file Cases of reduceMax: ties share the gradient. */

import {
  exact,
  int64,
  type OpCases,
  opCases,
  rounded,
  spaced,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { reduceMax } from "./reduce-max.ts";

export const cases: OpCases = opCases(reduceMax, {
  samples: [
    { name: "all axes", inputs: [spaced([2, 3, 4], -2, 2)], tolerance: exact },
    {
      name: "last axis",
      inputs: [spaced([3, 4], -2, 2)],
      build: (x) => reduceMax(x!, { axes: [1] }),
      tolerance: exact,
    },
    {
      name: "outer axes, kept",
      inputs: [spaced([2, 3, 4], -2, 2)],
      build: (x) => reduceMax(x!, { axes: [0, 2], keepDims: true }),
      tolerance: exact,
    },
    {
      name: "ties",
      inputs: [float32([2, 4], [1, 3, 3, 3, 0, 0, -1, -2])],
      build: (x) => reduceMax(x!, { axes: [1] }),
      tolerance: rounded,
      noDifferences: "ties",
    },
    { name: "all negative", inputs: [float32([3], [-3, -1, -2])], tolerance: exact },
    {
      name: "large",
      inputs: [float32([2], [1e30, -1e30])],
      tolerance: exact,
      noDifferences: "the step vanishes beside 1e30",
    },
    { name: "int64", inputs: [int64([3], [1, 5, 2])], tolerance: exact },
    {
      name: "one element, another axis empty",
      inputs: [zeros("float32", [0, 1])],
      build: (x) => reduceMax(x!, { axes: [1] }),
      tolerance: exact,
    },
    { name: "scalar", inputs: [float32([], [3])], tolerance: exact },
  ],
  errors: [
    {
      name: "the maximum of nothing",
      build: () => reduceMax(constant(zeros("float32", [3, 0])), { axes: [1] }),
      code: "shape/empty",
      message:
        "reduceMax: the reduced axes must hold at least one element, got [3, 0]. Skip empty tensors.",
    },
    {
      name: "bool",
      build: () => reduceMax(constant(zeros("bool", [2]))),
      code: "dtype/unsupported",
      message:
        "reduceMax: the dtype must be one of float32, float64, float16, int32, int64, got bool. Cast the operand first.",
    },
    {
      name: "an axis that does not exist",
      build: () => reduceMax(constant(zeros("float32", [2])), { axes: [1] }),
      code: "shape/axis",
      message:
        "reduceMax: axis must be an integer in -1 … 0 for a tensor of rank 1, got 1. Name an existing axis.",
    },
  ],
});
