/** @file Cases of gather: indices repeated, negative, of several axes and of none; empty axes. */

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
import { gather } from "./gather.ts";

const gradientTolerance = relative(1e-6, "sums of up to four positive numbers");

export const cases: OpCases = opCases(gather, {
  samples: [
    {
      name: "embedding with repeats",
      inputs: [uniform([5, 3], -2, 2), int64([6], [4, 0, 0, 2, 0, 4])],
      tolerance: exact,
      gradientTolerance,
    },
    {
      name: "indices of two axes",
      inputs: [uniform([4, 2], -2, 2), int32([2, 3], [3, 1, 1, 0, 3, 2])],
      tolerance: exact,
      gradientTolerance,
    },
    {
      name: "middle axis, negative index",
      inputs: [uniform([2, 3, 2], -2, 2), int64([2], [-1, 0])],
      build: (x, i) => gather(x!, i!, 1),
      tolerance: exact,
    },
    {
      name: "scalar index",
      inputs: [uniform([3, 2], -2, 2), int64([], [1])],
      build: (x, i) => gather(x!, i!, -1),
      tolerance: exact,
    },
    { name: "no index", inputs: [uniform([3, 2], -2, 2), int64([0], [])], tolerance: exact },
    {
      name: "rows without elements",
      inputs: [zeros("float32", [3, 0]), int64([2], [0, 2])],
      tolerance: exact,
    },
    {
      name: "a column of no rows",
      inputs: [zeros("float32", [0, 3]), int32([1], [1])],
      build: (x, i) => gather(x!, i!, 1),
      tolerance: exact,
    },
    {
      name: "int64 entries",
      inputs: [int64([3], [7, 8, 9]), int64([2], [2, 0])],
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "float indices",
      build: () => gather(constant(zeros("float32", [3])), constant(zeros("float32", [1]))),
      code: "dtype/unsupported",
      message:
        "gather: the dtype must be one of int32, int64, got float32. Cast the operand first.",
    },
    {
      name: "an axis that does not exist",
      build: () => gather(constant(zeros("float32", [3])), constant(zeros("int64", [1])), 1),
      code: "shape/axis",
      message:
        "gather: axis must be an integer in -1 … 0 for a tensor of rank 1, got 1. Name an existing axis.",
    },
  ],
});
