/** @file Cases of expand. */

import {
  bool,
  exact,
  type OpCases,
  opCases,
  relative,
  uniform,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { expand } from "./expand.ts";

const gradientTolerance = relative(1e-6, "sums of up to eight positive numbers");

export const cases: OpCases = opCases(expand, {
  samples: [
    {
      name: "size 1 repeated",
      inputs: [uniform([2, 1], -2, 2)],
      build: (x) => expand(x!, [2, 4]),
      tolerance: exact,
      gradientTolerance,
    },
    {
      name: "new leading axes",
      inputs: [uniform([3], -2, 2)],
      build: (x) => expand(x!, [2, 4, 3]),
      tolerance: exact,
      gradientTolerance,
    },
    {
      name: "scalar",
      inputs: [uniform([], -2, 2)],
      build: (x) => expand(x!, [2, 2]),
      tolerance: exact,
      gradientTolerance,
    },
    {
      name: "unchanged",
      inputs: [uniform([2, 3], -2, 2)],
      build: (x) => expand(x!, [2, 3]),
      tolerance: exact,
    },
    {
      name: "to an empty axis",
      inputs: [uniform([1, 3], -2, 2)],
      build: (x) => expand(x!, [0, 3]),
      tolerance: exact,
    },
    {
      name: "bool",
      inputs: [bool([2, 1], [1, 0])],
      build: (x) => expand(x!, [2, 2]),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "a target that is smaller",
      build: () => expand(constant(zeros("float32", [2, 3])), [2, 1]),
      code: "shape/broadcast",
      message:
        "expand: [2, 3] must broadcast to the new shape, got [2, 1]. Only axes of size 1 can be repeated.",
    },
    {
      name: "a size other than 1",
      build: () => expand(constant(zeros("float32", [2, 3])), [2, 6]),
      code: "shape/broadcast",
      message:
        "expand: [2, 3] must broadcast to the new shape, got [2, 6]. Only axes of size 1 can be repeated.",
    },
  ],
});
