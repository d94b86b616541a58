/** @file Cases of sub. */

import {
  exact,
  int32,
  type OpCases,
  opCases,
  relative,
  uniform,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { sub } from "./sub.ts";

const tolerance = relative(1.2e-7, "one float32 rounding");

export const cases: OpCases = opCases(sub, {
  samples: [
    { name: "same shape", inputs: [uniform([3, 4], 0, 2), uniform([3, 4], -2, 0)], tolerance },
    { name: "matrix from row", inputs: [uniform([4], -2, 2), uniform([3, 4], -2, 2)], tolerance },
    {
      name: "number first",
      inputs: [uniform([3], 1, 2)],
      build: (b) => sub(1, b!),
      tolerance,
      noGolden: "PyTorch's table takes the number second",
    },
    { name: "number", inputs: [uniform([3], -2, 2)], build: (a) => sub(a!, 0.25), tolerance },
    { name: "int32", inputs: [int32([3], [1, -2, 3]), int32([], [10])], tolerance: exact },
    {
      name: "empty axis",
      inputs: [zeros("float32", [2, 0]), zeros("float32", [1, 1])],
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "uint8, which would wrap",
      build: () => sub(constant(zeros("uint8", [2])), 1),
      code: "dtype/unsupported",
      message:
        "sub: the dtype must be one of float32, float64, float16, int32, int64, got uint8. Cast the operand first.",
    },
    {
      name: "sizes that do not broadcast",
      build: () => sub(constant(zeros("float32", [4])), constant(zeros("float32", [3]))),
      code: "shape/broadcast",
      message:
        "sub: shapes must be equal or broadcast (each pair of sizes, from the last axis, equal or 1), got [4] and [3]. Reshape one of them, or insert axes of size 1.",
    },
    {
      name: "two dtypes",
      build: () => sub(constant(zeros("float32", [2])), constant(zeros("float64", [2]))),
      code: "dtype/mismatch",
      message:
        "sub: operands must have one dtype, got float32 and float64. Cast one of them: nothing is converted silently.",
    },
    {
      name: "a fraction beside integers",
      build: () => sub(constant(zeros("int32", [3])), 0.5),
      code: "dtype/number",
      message:
        'sub: a number beside int32 elements must be a whole number from -2147483648 to 2147483647, got 0.5. Give one, or cast the tensor first: cast(x, "float32").',
    },
  ],
});
