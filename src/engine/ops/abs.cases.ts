/** @file Cases of abs: the kink at zero, whose gradient is 0. */

import { exact, type OpCases, opCases, spaced } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { abs } from "./abs.ts";

export const cases: OpCases = opCases(abs, {
  samples: [
    { name: "matrix", inputs: [spaced([3, 4], -2, 2)], tolerance: exact },
    {
      name: "the kink",
      inputs: [float32([3], [0, -0, -1])],
      tolerance: exact,
      noDifferences: "a kink",
    },
    {
      name: "infinities and NaN",
      inputs: [float32([3], [-Infinity, Infinity, NaN])],
      tolerance: exact,
      noGradientCheck: "no finite value to differentiate",
    },
    { name: "scalar", inputs: [float32([], [-3])], tolerance: exact },
    { name: "empty", inputs: [zeros("float32", [0, 3])], tolerance: exact },
  ],
  errors: [
    {
      name: "integers",
      build: () => abs(constant(zeros("int64", [2]))),
      code: "dtype/float",
      message:
        'abs: the operand must be a float tensor, got int64. Cast it first: cast(x, "float32").',
    },
  ],
});
