/** @file Cases of argMax: ties give the first. */

import { exact, int64, type OpCases, opCases, spaced } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { argMax } from "./arg-max.ts";

export const cases: OpCases = opCases(argMax, {
  samples: [
    {
      name: "last axis",
      inputs: [spaced([3, 5], -2, 2)],
      build: (x) => argMax(x!),
      tolerance: exact,
    },
    {
      name: "middle axis, kept",
      inputs: [spaced([2, 3, 2], -2, 2)],
      build: (x) => argMax(x!, { axis: 1, keepDims: true }),
      tolerance: exact,
    },
    {
      name: "ties",
      inputs: [float32([2, 4], [1, 3, 3, 0, 5, 5, 5, 5])],
      build: (x) => argMax(x!),
      tolerance: exact,
    },
    { name: "int64", inputs: [int64([3], [1, 9, 2])], build: (x) => argMax(x!), tolerance: exact },
    {
      name: "another axis empty, the axis of size 1",
      inputs: [zeros("float32", [0, 1])],
      build: (x) => argMax(x!),
      tolerance: exact,
    },
    {
      name: "one element",
      inputs: [float32([1], [-3])],
      build: (x) => argMax(x!),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "an empty axis",
      build: () => argMax(constant(zeros("float32", [2, 0]))),
      code: "shape/empty",
      message:
        "argMax: the reduced axes must hold at least one element, got [2, 0]. Skip empty tensors.",
    },
    {
      name: "bool",
      build: () => argMax(constant(zeros("bool", [2]))),
      code: "dtype/unsupported",
      message:
        "argMax: the dtype must be one of float32, float64, float16, int32, int64, got bool. Cast the operand first.",
    },
    {
      name: "a scalar",
      build: () => argMax(constant(zeros("float32", []))),
      code: "shape/axis",
      message:
        "argMax: axis must be an integer in 0 … -1 for a tensor of rank 0, got -1. Name an existing axis.",
    },
  ],
});
