/**
 * @file Cases of slice: negative indices, indices beyond the end, steps that do not divide the
 * axis.
 */

import { bool, exact, type OpCases, opCases, uniform } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { slice } from "./slice.ts";

export const cases: OpCases = opCases(slice, {
  samples: [
    {
      name: "middle rows",
      inputs: [uniform([5, 3], -2, 2)],
      build: (x) => slice(x!, { starts: [1], ends: [4] }),
      tolerance: exact,
    },
    {
      name: "two axes in another order, negative",
      inputs: [uniform([3, 4, 5], -2, 2)],
      build: (x) => slice(x!, { starts: [-3, 1], ends: [-1, 100], axes: [-1, 0] }),
      tolerance: exact,
    },
    {
      name: "step that leaves elements over",
      inputs: [uniform([8, 2], -2, 2)],
      build: (x) => slice(x!, { starts: [1], ends: [7], steps: [3] }),
      tolerance: exact,
    },
    {
      name: "step whose zeros reach beyond the end",
      inputs: [uniform([5], -2, 2)],
      build: (x) => slice(x!, { starts: [0], ends: [5], steps: [4] }),
      tolerance: exact,
    },
    {
      name: "step larger than the axis",
      inputs: [uniform([2, 3], -2, 2)],
      build: (x) => slice(x!, { starts: [1], ends: [3], axes: [1], steps: [5] }),
      tolerance: exact,
    },
    {
      name: "steps on two axes",
      inputs: [uniform([4, 5], -2, 2)],
      build: (x) => slice(x!, { starts: [0, 1], ends: [4, 5], steps: [2, 2] }),
      tolerance: exact,
    },
    {
      name: "nothing left",
      inputs: [uniform([4, 2], -2, 2)],
      build: (x) => slice(x!, { starts: [3], ends: [1] }),
      tolerance: exact,
    },
    {
      name: "a scalar",
      inputs: [uniform([], -2, 2)],
      build: (x) => slice(x!, { starts: [], ends: [] }),
      tolerance: exact,
      noGolden: "nothing is cut",
    },
    {
      name: "bool",
      inputs: [bool([3], [1, 0, 1])],
      build: (x) => slice(x!, { starts: [1], ends: [3] }),
      tolerance: exact,
    },
    {
      name: "of an empty axis and one of size 1",
      inputs: [zeros("float32", [0, 1])],
      build: (x) => slice(x!, { starts: [0, 0], ends: [2, 1] }),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "more starts than ends",
      build: () => slice(constant(zeros("float32", [4, 4])), { starts: [0, 0], ends: [1] }),
      code: "shape/slice",
      message:
        "slice: starts, ends, axes and steps must be integers, equally many, each axis once, steps at least 1, got [0, 0], [1], [0, 1] and [1, 1]. Give one start, end and step per axis.",
    },
    {
      name: "a backward step",
      build: () => slice(constant(zeros("float32", [4])), { starts: [3], ends: [0], steps: [-1] }),
      code: "shape/slice",
      message:
        "slice: starts, ends, axes and steps must be integers, equally many, each axis once, steps at least 1, got [3], [0], [0] and [-1]. Give one start, end and step per axis.",
    },
    {
      name: "an axis twice",
      build: () =>
        slice(constant(zeros("float32", [4, 4])), { starts: [0, 1], ends: [2, 3], axes: [1, -1] }),
      code: "shape/slice",
      message:
        "slice: starts, ends, axes and steps must be integers, equally many, each axis once, steps at least 1, got [0, 1], [2, 3], [1, -1] and [1, 1]. Give one start, end and step per axis.",
    },
    {
      name: "an axis that does not exist",
      build: () => slice(constant(zeros("float32", [4])), { starts: [0], ends: [1], axes: [1] }),
      code: "shape/axis",
      message:
        "slice: axis must be an integer in -1 … 0 for a tensor of rank 1, got 1. Name an existing axis.",
    },
  ],
});
