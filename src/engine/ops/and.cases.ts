/** @file Cases of and. */

import { bool, exact, type OpCases, opCases } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { and } from "./and.ts";

export const cases: OpCases = opCases(and, {
  samples: [
    {
      name: "truth table",
      inputs: [bool([4], [0, 0, 1, 1]), bool([4], [0, 1, 0, 1])],
      tolerance: exact,
    },
    {
      name: "column and row",
      inputs: [bool([2, 1], [0, 1]), bool([3], [0, 1, 1])],
      tolerance: exact,
    },
    { name: "empty", inputs: [bool([0, 2], []), bool([1, 2], [1, 0])], tolerance: exact },
  ],
  errors: [
    {
      name: "floats",
      build: () => and(constant(zeros("float32", [2])), constant(zeros("float32", [2]))),
      code: "dtype/unsupported",
      message: "and: the dtype must be bool, got float32. Cast the operand first.",
    },
    {
      name: "two dtypes",
      build: () => and(constant(zeros("bool", [2])), constant(zeros("float32", [2]))),
      code: "dtype/mismatch",
      message:
        "and: operands must have one dtype, got bool and float32. Cast one of them: nothing is converted silently.",
    },
    {
      name: "sizes that do not broadcast",
      build: () => and(constant(zeros("bool", [2])), constant(zeros("bool", [3]))),
      code: "shape/broadcast",
      message:
        "and: shapes must be equal or broadcast (each pair of sizes, from the last axis, equal or 1), got [2] and [3]. Reshape one of them, or insert axes of size 1.",
    },
  ],
});
