/** @file Cases of topKIndices: axes, ties, smallest, whole numbers. */

import { exact, int64, type OpCases, opCases, spaced } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { topKIndices } from "./top-k-indices.ts";

export const cases: OpCases = opCases(topKIndices, {
  samples: [
    {
      name: "last axis",
      inputs: [spaced([3, 5], -2, 2)],
      build: (x) => topKIndices(x!, { k: 2 }),
      tolerance: exact,
    },
    {
      name: "middle axis, smallest",
      inputs: [spaced([2, 4, 3], -2, 2)],
      build: (x) => topKIndices(x!, { k: 3, axis: 1, largest: false }),
      tolerance: exact,
    },
    {
      name: "ties: the lower index first",
      inputs: [float32([2, 4], [1, 3, 3, 3, 0, 0, -1, 0])],
      build: (x) => topKIndices(x!, { k: 3 }),
      tolerance: exact,
    },
    {
      name: "all of one axis",
      inputs: [spaced([4], -2, 2)],
      build: (x) => topKIndices(x!, { k: 4 }),
      tolerance: exact,
    },
    {
      name: "int64",
      inputs: [int64([4], [5, 9, -1, 7])],
      build: (x) => topKIndices(x!, { k: 2 }),
      tolerance: exact,
    },
    {
      name: "one of one",
      inputs: [float32([2, 1], [3, -1])],
      build: (x) => topKIndices(x!, { k: 1 }),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "more than there are",
      build: () => topKIndices(constant(zeros("float32", [2, 3])), { k: 4 }),
      code: "shape/top-k",
      message:
        "topKIndices: k must be an integer in 1 … 3, the size of axis 1 of [2, 3], got 4. Ask for fewer.",
    },
    {
      name: "bool",
      build: () => topKIndices(constant(zeros("bool", [3])), { k: 1 }),
      code: "dtype/unsupported",
      message:
        "topKIndices: the dtype must be one of float32, float64, int32, int64, got bool. Cast the operand first.",
    },
    {
      name: "an axis that does not exist",
      build: () => topKIndices(constant(zeros("float32", [2, 3])), { k: 1, axis: 2 }),
      code: "shape/axis",
      message:
        "topKIndices: axis must be an integer in -2 … 1 for a tensor of rank 2, got 2. Name an existing axis.",
    },
    {
      name: "another axis empty",
      build: () => topKIndices(constant(zeros("float32", [0, 1])), { k: 1 }),
      code: "shape/empty",
      message: "topKIndices: every axis must have at least one element, got [0, 1].",
    },
  ],
});
