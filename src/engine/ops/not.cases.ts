/** @file Cases of not. */

import { bool, exact, type OpCases, opCases } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { not } from "./not.ts";

export const cases: OpCases = opCases(not, {
  samples: [
    { name: "both", inputs: [bool([2, 1], [0, 1])], tolerance: exact },
    { name: "scalar", inputs: [bool([], [1])], tolerance: exact },
    { name: "empty", inputs: [bool([0], [])], tolerance: exact },
  ],
  errors: [
    {
      name: "floats",
      build: () => not(constant(zeros("float32", [2]))),
      code: "dtype/unsupported",
      message: "not: the dtype must be bool, got float32. Cast the operand first.",
    },
  ],
});
