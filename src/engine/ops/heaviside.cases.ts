/**
 * @file Cases of heaviside: both zeros, infinities, the smallest and the largest normal numbers.
 */

import { exact, type OpCases, opCases, spaced } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { heaviside } from "./heaviside.ts";

const smallest = 2 ** -126;

export const cases: OpCases = opCases(heaviside, {
  samples: [
    { name: "matrix", inputs: [spaced([3, 4], -2, 2)], tolerance: exact },
    { name: "scalar", inputs: [spaced([], 1, 2)], tolerance: exact },
    {
      name: "zeros and infinities",
      inputs: [float32([4], [0, -0, -Infinity, Infinity])],
      tolerance: exact,
    },
    {
      name: "smallest and largest normal numbers",
      inputs: [float32([4], [smallest, -smallest, 3.4e38, -3.4e38])],
      tolerance: exact,
    },
    { name: "empty", inputs: [zeros("float32", [0, 2])], tolerance: exact },
  ],
  errors: [
    {
      name: "integers",
      build: () => heaviside(constant(zeros("int32", [2]))),
      code: "dtype/float",
      message:
        'heaviside: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
    },
  ],
});
