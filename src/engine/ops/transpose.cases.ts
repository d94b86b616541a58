/** @file Cases of transpose; three axes tell an order from its inverse. */

import { exact, int64, type OpCases, opCases, uniform } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { transpose } from "./transpose.ts";

export const cases: OpCases = opCases(transpose, {
  samples: [
    {
      name: "matrix",
      inputs: [uniform([2, 3], -2, 2)],
      tolerance: exact,
      build: (x) => transpose(x!),
    },
    {
      name: "an order that is not its own inverse",
      inputs: [uniform([2, 3, 4], -2, 2)],
      build: (x) => transpose(x!, [2, 0, 1]),
      tolerance: exact,
    },
    {
      name: "channels last",
      inputs: [uniform([2, 3, 2, 2], -2, 2)],
      build: (x) => transpose(x!, [0, 2, 3, 1]),
      tolerance: exact,
    },
    { name: "scalar", inputs: [uniform([], -2, 2)], build: (x) => transpose(x!), tolerance: exact },
    {
      name: "empty",
      inputs: [zeros("float32", [0, 3])],
      build: (x) => transpose(x!),
      tolerance: exact,
    },
    {
      name: "int64",
      inputs: [int64([1, 2], [3, 4])],
      build: (x) => transpose(x!),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "an axis twice",
      build: () => transpose(constant(zeros("float32", [2, 3])), [0, 0]),
      code: "shape/permutation",
      message:
        "transpose: perm must name each of the 2 axes of [2, 3] once, got [0, 0]. List the axes in their new order.",
    },
    {
      name: "too few axes",
      build: () => transpose(constant(zeros("float32", [2, 3])), [0]),
      code: "shape/permutation",
      message:
        "transpose: perm must name each of the 2 axes of [2, 3] once, got [0]. List the axes in their new order.",
    },
  ],
});
