/** @file Cases of greaterOrEqual: equal elements, infinities, NaN. */

import { exact, int64, type OpCases, opCases, spaced } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { greaterOrEqual } from "./greater-or-equal.ts";

export const cases: OpCases = opCases(greaterOrEqual, {
  samples: [
    {
      name: "matrix and row",
      inputs: [spaced([3, 4], -2, 2), spaced([4], -1, 1, 1)],
      tolerance: exact,
    },
    {
      name: "equal, infinite, NaN",
      inputs: [
        float32([5], [1, Infinity, -Infinity, NaN, 0]),
        float32([5], [1, Infinity, Infinity, 1, NaN]),
      ],
      tolerance: exact,
    },
    {
      name: "number",
      inputs: [spaced([4], -2, 2)],
      build: (a) => greaterOrEqual(a!, 0),
      tolerance: exact,
    },
    { name: "int64", inputs: [int64([3], [1, 2, 3]), int64([3], [2, 2, 2])], tolerance: exact },
    { name: "empty", inputs: [zeros("float32", [0]), zeros("float32", [1])], tolerance: exact },
  ],
  errors: [
    {
      name: "bool",
      build: () => greaterOrEqual(constant(zeros("bool", [2])), constant(zeros("bool", [2]))),
      code: "dtype/unsupported",
      message:
        "greaterOrEqual: the dtype must be one of float32, float64, float16, int32, int64, got bool. Cast the operand first.",
    },
    {
      name: "two dtypes",
      build: () => greaterOrEqual(constant(zeros("float32", [2])), constant(zeros("int64", [2]))),
      code: "dtype/mismatch",
      message:
        "greaterOrEqual: operands must have one dtype, got float32 and int64. Cast one of them: nothing is converted silently.",
    },
    {
      name: "sizes that do not broadcast",
      build: () => greaterOrEqual(constant(zeros("float32", [2])), constant(zeros("float32", [3]))),
      code: "shape/broadcast",
      message:
        "greaterOrEqual: shapes must be equal or broadcast (each pair of sizes, from the last axis, equal or 1), got [2] and [3]. Reshape one of them, or insert axes of size 1.",
    },
    {
      name: "a fraction beside integers",
      build: () => greaterOrEqual(constant(zeros("int32", [3])), 0.5),
      code: "dtype/number",
      message:
        'greaterOrEqual: a number beside int32 elements must be a whole number from -2147483648 to 2147483647, got 0.5. Give one, or cast the tensor first: cast(x, "float32").',
    },
  ],
});
