/** @file Cases of mul. */

import {
  exact,
  int64,
  type OpCases,
  opCases,
  relative,
  rounded,
  uniform,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { mul } from "./mul.ts";

const sums = relative(1e-6, "sums of up to six products, all positive");

export const cases: OpCases = opCases(mul, {
  samples: [
    {
      name: "same shape",
      inputs: [uniform([3, 4], 1, 2), uniform([3, 4], 1, 2, 1)],
      tolerance: rounded,
    },
    {
      name: "column to matrix",
      inputs: [uniform([3, 1], 1, 2), uniform([3, 4], 1, 2)],
      tolerance: rounded,
      gradientTolerance: sums,
    },
    {
      name: "a value with itself",
      inputs: [uniform([3], 1, 2)],
      build: (a) => mul(a!, a!),
      tolerance: rounded,
      noGolden: "PyTorch's table calls it with two operands",
    },
    {
      name: "number",
      inputs: [uniform([3], -2, 2)],
      build: (a) => mul(a!, -3),
      tolerance: rounded,
    },
    {
      name: "scalar to tensor of three axes",
      inputs: [uniform([], 1, 2), uniform([2, 1, 3], 1, 2)],
      tolerance: rounded,
      gradientTolerance: sums,
    },
    { name: "int64", inputs: [int64([3], [1, -2, 3]), int64([3], [4, 5, 6])], tolerance: exact },
    {
      name: "empty axis",
      inputs: [zeros("float32", [0]), zeros("float32", [3, 1])],
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "bool",
      build: () => mul(constant(zeros("bool", [2])), constant(zeros("bool", [2]))),
      code: "dtype/unsupported",
      message:
        "mul: the dtype must be one of float32, float64, float16, int32, int64, got bool. Cast the operand first.",
    },
    {
      name: "two dtypes",
      build: () => mul(constant(zeros("float32", [2])), constant(zeros("float64", [2]))),
      code: "dtype/mismatch",
      message:
        "mul: operands must have one dtype, got float32 and float64. Cast one of them: nothing is converted silently.",
    },
    {
      name: "sizes that do not broadcast",
      build: () => mul(constant(zeros("float32", [2])), constant(zeros("float32", [3]))),
      code: "shape/broadcast",
      message:
        "mul: shapes must be equal or broadcast (each pair of sizes, from the last axis, equal or 1), got [2] and [3]. Reshape one of them, or insert axes of size 1.",
    },
    {
      name: "a fraction beside integers",
      build: () => mul(constant(zeros("int32", [3])), 0.5),
      code: "dtype/number",
      message:
        'mul: a number beside int32 elements must be a whole number from -2147483648 to 2147483647, got 0.5. Give one, or cast the tensor first: cast(x, "float32").',
    },
  ],
});
