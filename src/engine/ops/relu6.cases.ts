/** @file Cases of relu6: both kinks, whose gradient is 0. */

import { exact, float64, type OpCases, opCases, spaced } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { relu6 } from "./relu6.ts";

export const cases: OpCases = opCases(relu6, {
  samples: [
    { name: "matrix", inputs: [spaced([3, 4], -2, 8)], tolerance: exact },
    { name: "float64", inputs: [float64(spaced([4], -2, 8))], tolerance: exact },
    {
      name: "the kinks",
      inputs: [float32([4], [0, 6, 7, -1])],
      tolerance: exact,
      noDifferences: "kinks",
    },
    {
      name: "infinities",
      inputs: [float32([2], [-Infinity, Infinity])],
      tolerance: exact,
      noDifferences: "inputs are not finite",
    },
    { name: "scalar", inputs: [float32([], [3])], tolerance: exact },
    { name: "empty", inputs: [zeros("float32", [0, 3])], tolerance: exact },
  ],
  errors: [
    {
      name: "integers",
      build: () => relu6(constant(zeros("int32", [2]))),
      code: "dtype/float",
      message:
        'relu6: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
    },
  ],
});
