/** @file Cases of minimum: ties give half the gradient to each. */

import {
  exact,
  int64,
  type OpCases,
  opCases,
  relative,
  spaced,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { minimum } from "./minimum.ts";

export const cases: OpCases = opCases(minimum, {
  samples: [
    {
      name: "same shape",
      inputs: [spaced([3, 4], -2, 2), spaced([3, 4], -1.9, 2.1, 1)],
      tolerance: exact,
    },
    {
      name: "matrix and row",
      inputs: [spaced([3, 4], -2, 2), spaced([4], -1.1, 1)],
      tolerance: exact,
      gradientTolerance: relative(1e-6, "sums of up to three positive numbers"),
    },
    {
      name: "number",
      inputs: [spaced([4], -2, 2)],
      build: (a) => minimum(a!, 0),
      tolerance: exact,
    },
    {
      name: "ties",
      inputs: [float32([3], [1, 2, 3]), float32([3], [1, 2, 4])],
      tolerance: exact,
      noDifferences: "ties",
    },
    {
      name: "infinities",
      inputs: [float32([2], [-Infinity, Infinity]), float32([2], [1, 1])],
      tolerance: exact,
      noDifferences: "inputs are not finite",
    },
    { name: "int64", inputs: [int64([2], [1, 5]), int64([], [3])], tolerance: exact },
    { name: "empty", inputs: [zeros("float32", [0]), zeros("float32", [1])], tolerance: exact },
  ],
  errors: [
    {
      name: "bool",
      build: () => minimum(constant(zeros("bool", [2])), constant(zeros("bool", [2]))),
      code: "dtype/unsupported",
      message:
        "minimum: the dtype must be one of float32, float64, float16, int32, int64, got bool. Cast the operand first.",
    },
    {
      name: "sizes that do not broadcast",
      build: () => minimum(constant(zeros("float32", [2])), constant(zeros("float32", [3]))),
      code: "shape/broadcast",
      message:
        "minimum: shapes must be equal or broadcast (each pair of sizes, from the last axis, equal or 1), got [2] and [3]. Reshape one of them, or insert axes of size 1.",
    },
    {
      name: "two dtypes",
      build: () => minimum(constant(zeros("float32", [2])), constant(zeros("float64", [2]))),
      code: "dtype/mismatch",
      message:
        "minimum: operands must have one dtype, got float32 and float64. Cast one of them: nothing is converted silently.",
    },
    {
      name: "a fraction beside integers",
      build: () => minimum(constant(zeros("int32", [3])), 0.5),
      code: "dtype/number",
      message:
        'minimum: a number beside int32 elements must be a whole number from -2147483648 to 2147483647, got 0.5. Give one, or cast the tensor first: cast(x, "float32").',
    },
  ],
});
