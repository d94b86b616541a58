/** @file Cases of neg. */

import { exact, type OpCases, opCases, uniform } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { neg } from "./neg.ts";

export const cases: OpCases = opCases(neg, {
  samples: [
    { name: "matrix", inputs: [uniform([3, 4], -2, 2)], tolerance: exact },
    { name: "scalar", inputs: [uniform([], -2, 2)], tolerance: exact },
    { name: "empty", inputs: [zeros("float32", [0])], tolerance: exact },
  ],
  errors: [
    {
      name: "int64",
      build: () => neg(constant(zeros("int64", [2]))),
      code: "dtype/float",
      message:
        'neg: the operand must be a float tensor, got int64. Cast it first: cast(x, "float32").',
    },
  ],
});
