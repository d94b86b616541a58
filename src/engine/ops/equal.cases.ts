/** @file Cases of equal: signed zeros are equal, NaN equals nothing. */

import { bool, exact, int64, type OpCases, opCases } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { equal } from "./equal.ts";

export const cases: OpCases = opCases(equal, {
  samples: [
    {
      name: "zeros, infinities, NaN",
      inputs: [float32([5], [0, Infinity, NaN, 1, 2]), float32([5], [-0, Infinity, NaN, 1, 3])],
      tolerance: exact,
    },
    {
      name: "column and row",
      inputs: [int64([3, 1], [0, 1, 2]), int64([2], [1, 2])],
      tolerance: exact,
    },
    { name: "bool", inputs: [bool([4], [0, 0, 1, 1]), bool([4], [0, 1, 0, 1])], tolerance: exact },
    {
      name: "number",
      inputs: [int64([3], [4, 5, 6])],
      build: (a) => equal(a!, 5),
      tolerance: exact,
    },
    {
      name: "empty",
      inputs: [zeros("float32", [0]), zeros("float32", [1])],
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "two dtypes",
      build: () => equal(constant(zeros("float32", [2])), constant(zeros("int64", [2]))),
      code: "dtype/mismatch",
      message:
        "equal: operands must have one dtype, got float32 and int64. Cast one of them: nothing is converted silently.",
    },
    {
      name: "sizes that do not broadcast",
      build: () => equal(constant(zeros("float32", [2])), constant(zeros("float32", [3]))),
      code: "shape/broadcast",
      message:
        "equal: shapes must be equal or broadcast (each pair of sizes, from the last axis, equal or 1), got [2] and [3]. Reshape one of them, or insert axes of size 1.",
    },
    {
      name: "uint32",
      build: () => equal(constant(zeros("uint32", [2])), constant(zeros("uint32", [2]))),
      code: "dtype/unsupported",
      message:
        "equal: the dtype must be one of float32, float64, float16, int32, int64, bool, got uint32. Cast the operand first.",
    },
    {
      name: "a fraction beside integers",
      build: () => equal(constant(zeros("int32", [3])), 0.5),
      code: "dtype/number",
      message:
        'equal: a number beside int32 elements must be a whole number from -2147483648 to 2147483647, got 0.5. Give one, or cast the tensor first: cast(x, "float32").',
    },
  ],
});
