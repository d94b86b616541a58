/** @file Cases of div: division by zero, integers towards zero. */

import {
  exact,
  int32,
  type OpCases,
  opCases,
  relative,
  rounded,
  uniform,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { div } from "./div.ts";

const chain = relative(1e-6, "the divisor's gradient is three roundings and a sum of equal signs");

export const cases: OpCases = opCases(div, {
  samples: [
    {
      name: "same shape",
      inputs: [uniform([3, 4], 1, 2), uniform([3, 4], -3, -1)],
      tolerance: rounded,
      gradientTolerance: chain,
    },
    {
      name: "by a column",
      inputs: [uniform([3, 4], 1, 2), uniform([3, 1], 1, 3)],
      tolerance: rounded,
      gradientTolerance: chain,
    },
    {
      name: "scalar by matrix",
      inputs: [uniform([], 1, 2), uniform([2, 2], 1, 3)],
      tolerance: rounded,
      gradientTolerance: chain,
    },
    {
      name: "number first",
      inputs: [uniform([3], 1, 2)],
      build: (b) => div(1, b!),
      tolerance: rounded,
      gradientTolerance: chain,
      noGolden: "PyTorch's table takes the number second",
    },
    { name: "number", inputs: [uniform([3], -2, 2)], build: (a) => div(a!, 4), tolerance: rounded },
    {
      name: "by zero",
      inputs: [float32([3], [1, -1, 0]), float32([3], [0, 0, 0])],
      tolerance: exact,
      noGradientCheck: "no finite value to differentiate",
    },
    {
      name: "int32 towards zero",
      inputs: [int32([4], [7, -7, 7, -7]), int32([4], [2, 2, -2, -2])],
      tolerance: exact,
    },
    {
      name: "empty axis",
      inputs: [zeros("float32", [0, 3]), float32([1, 1], [2])],
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "uint8",
      build: () => div(constant(zeros("uint8", [2])), 2),
      code: "dtype/unsupported",
      message:
        "div: the dtype must be one of float32, float64, float16, int32, int64, got uint8. Cast the operand first.",
    },
    {
      name: "sizes that do not broadcast",
      build: () => div(constant(zeros("float32", [2, 4])), constant(zeros("float32", [2, 3]))),
      code: "shape/broadcast",
      message:
        "div: shapes must be equal or broadcast (each pair of sizes, from the last axis, equal or 1), got [2, 4] and [2, 3]. Reshape one of them, or insert axes of size 1.",
    },
    {
      name: "two dtypes",
      build: () => div(constant(zeros("float32", [2])), constant(zeros("float64", [2]))),
      code: "dtype/mismatch",
      message:
        "div: operands must have one dtype, got float32 and float64. Cast one of them: nothing is converted silently.",
    },
    {
      name: "a fraction beside integers",
      build: () => div(constant(zeros("int32", [3])), 0.5),
      code: "dtype/number",
      message:
        'div: a number beside int32 elements must be a whole number from -2147483648 to 2147483647, got 0.5. Give one, or cast the tensor first: cast(x, "float32").',
    },
  ],
});
