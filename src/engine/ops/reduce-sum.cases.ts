/** @file Cases of reduceSum: which axes, kept axes, empty sums. */

import {
  exact,
  int64,
  type OpCases,
  opCases,
  relative,
  uniform,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { reduceSum } from "./reduce-sum.ts";

const tolerance = relative(1e-6, "up to 24 positive terms");

export const cases: OpCases = opCases(reduceSum, {
  samples: [
    { name: "all axes", inputs: [uniform([2, 3, 4], 1, 2)], tolerance },
    {
      name: "last axis",
      inputs: [uniform([2, 3], 1, 2)],
      build: (x) => reduceSum(x!, { axes: [-1] }),
      tolerance,
    },
    {
      name: "outer axes, kept",
      inputs: [uniform([2, 3, 4], 1, 2)],
      build: (x) => reduceSum(x!, { axes: [1, 0], keepDims: true }),
      tolerance,
    },
    {
      name: "middle axis of size 1",
      inputs: [uniform([2, 1, 3], 1, 2)],
      build: (x) => reduceSum(x!, { axes: [1] }),
      tolerance,
    },
    { name: "scalar", inputs: [uniform([], 1, 2)], tolerance: exact },
    {
      name: "int64",
      inputs: [int64([2, 2], [1, 2, 3, 4])],
      build: (x) => reduceSum(x!, { axes: [0] }),
      tolerance: exact,
    },
    {
      name: "over an empty axis",
      inputs: [zeros("float32", [0, 3])],
      build: (x) => reduceSum(x!, { axes: [0] }),
      tolerance: exact,
    },
    {
      name: "of nothing to a scalar",
      inputs: [zeros("float32", [0])],
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "an axis that does not exist",
      build: () => reduceSum(constant(zeros("float32", [2, 3])), { axes: [2] }),
      code: "shape/axis",
      message:
        "reduceSum: axis must be an integer in -2 … 1 for a tensor of rank 2, got 2. Name an existing axis.",
    },
    {
      name: "an axis twice",
      build: () => reduceSum(constant(zeros("float32", [2, 3])), { axes: [1, -1] }),
      code: "shape/axis",
      message:
        "reduceSum: axes must name at least one axis, each once, got [1, -1]. Leave axes out to reduce all of them.",
    },
    {
      name: "no axis",
      build: () => reduceSum(constant(zeros("float32", [2, 3])), { axes: [] }),
      code: "shape/axis",
      message:
        "reduceSum: axes must name at least one axis, each once, got []. Leave axes out to reduce all of them.",
    },
    {
      name: "bool",
      build: () => reduceSum(constant(zeros("bool", [2]))),
      code: "dtype/unsupported",
      message:
        "reduceSum: the dtype must be one of float32, float64, float16, int32, int64, got bool. Cast the operand first.",
    },
  ],
});
