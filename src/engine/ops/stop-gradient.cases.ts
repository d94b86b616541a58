/**
 * @file Cases of stopGradient: values pass; that no gradient does is tested in
 * test/ops/stop-gradient.test.ts.
 */

import { exact, int64, type OpCases, opCases, uniform } from "../../../test/support/op-cases.ts";
import { zeros } from "../tensor/index.ts";
import { stopGradient } from "./stop-gradient.ts";

export const cases: OpCases = opCases(stopGradient, {
  samples: [
    {
      name: "matrix",
      inputs: [uniform([3, 4], -2, 2)],
      tolerance: exact,
      noGradientCheck: "no gradient passes, which is its purpose",
    },
    { name: "int64", inputs: [int64([2], [1, 2])], tolerance: exact },
    {
      name: "empty",
      inputs: [zeros("float32", [0, 1])],
      tolerance: exact,
      noGradientCheck: "no gradient passes, which is its purpose",
    },
  ],
});
