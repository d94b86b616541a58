/** @file Cases of and. */

import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { and } from "./and.ts";
import { bool, exact, type OpCases, opCases } from "./op-cases.ts";

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
  ],
  errors: [
    {
      name: "floats",
      build: () => and(constant(zeros("float32", [2])), constant(zeros("float32", [2]))),
      code: "dtype/unsupported",
      message: "and: the dtype must be bool, got float32. Cast the operand first.",
    },
  ],
});
