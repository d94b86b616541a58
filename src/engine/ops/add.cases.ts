/** @file Cases of add: broadcasting both ways, empty tensors, integers, overflow. */

import {
  exact,
  float64,
  int64,
  type OpCases,
  opCases,
  rounded,
  uniform,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { add } from "./add.ts";

export const cases: OpCases = opCases(add, {
  samples: [
    {
      name: "same shape",
      inputs: [uniform([3, 4], -2, 2), uniform([3, 4], -2, 2, 1)],
      tolerance: rounded,
    },
    {
      name: "row to matrix",
      inputs: [uniform([3, 4], -2, 2), uniform([4], -2, 2)],
      tolerance: rounded,
    },
    {
      name: "both stretched",
      inputs: [uniform([3, 1], -2, 2), uniform([2, 1, 4], -2, 2)],
      tolerance: rounded,
    },
    {
      name: "number",
      inputs: [uniform([3], -2, 2)],
      build: (a) => add(a!, 0.5),
      tolerance: rounded,
    },
    { name: "scalars", inputs: [uniform([], -2, 2), uniform([], -2, 2, 1)], tolerance: rounded },
    {
      name: "empty axis",
      inputs: [zeros("float32", [0, 4]), uniform([4], -2, 2)],
      tolerance: exact,
    },
    { name: "int64", inputs: [int64([3], [1, -2, 3]), int64([1], [10])], tolerance: exact },
    {
      name: "float64",
      inputs: [float64(uniform([3], -2, 2)), float64(uniform([3], -2, 2, 1))],
      tolerance: rounded,
    },
    {
      name: "infinities and NaN",
      inputs: [float32([3], [Infinity, Infinity, NaN]), float32([3], [1, -Infinity, 0])],
      tolerance: exact,
      noGradientCheck: "no finite value to differentiate",
    },
  ],
  errors: [
    {
      name: "two dtypes",
      build: () => add(constant(uniform([2], 0, 1)), constant(int64([2], [1, 2]))),
      code: "dtype/mismatch",
      message:
        "add: operands must have one dtype, got float32 and int64. Cast one of them: nothing is converted silently.",
    },
    {
      name: "bool",
      build: () => add(constant(zeros("bool", [2])), constant(zeros("bool", [2]))),
      code: "dtype/unsupported",
      message:
        "add: the dtype must be one of float32, float64, float16, int32, int64, got bool. Cast the operand first.",
    },
    {
      name: "sizes that do not broadcast",
      build: () => add(constant(zeros("float32", [2, 3])), constant(zeros("float32", [2]))),
      code: "shape/broadcast",
      message:
        "add: shapes must be equal or broadcast (each pair of sizes, from the last axis, equal or 1), got [2, 3] and [2]. Reshape one of them, or insert axes of size 1.",
    },
    {
      name: "a fraction beside integers",
      build: () => add(constant(zeros("int32", [3])), 0.5),
      code: "dtype/number",
      message:
        'add: a number beside int32 elements must be a whole number from -2147483648 to 2147483647, got 0.5. Give one, or cast the tensor first: cast(x, "float32").',
    },
  ],
});
