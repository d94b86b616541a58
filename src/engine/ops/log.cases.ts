/** @file Cases of log: zero, negative numbers, very small and very large ones. */

import { exact, type OpCases, opCases, relative, uniform } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { log } from "./log.ts";

const tolerance = relative(5e-7, "the runtime's polynomial");

export const cases: OpCases = opCases(log, {
  samples: [
    { name: "matrix", inputs: [uniform([3, 4], 1.5, 4)], tolerance },
    { name: "below one", inputs: [uniform([4], 0.1, 0.6)], tolerance },
    {
      name: "very small and very large",
      inputs: [float32([2], [1e-30, 1e30])],
      tolerance,
      noDifferences: "the step is larger than the element",
    },
    {
      name: "zero, negative, infinity",
      inputs: [float32([3], [0, -1, Infinity])],
      tolerance: exact,
      noGradientCheck: "no finite value to differentiate",
    },
    { name: "scalar", inputs: [float32([], [1])], tolerance: exact },
    { name: "empty", inputs: [zeros("float32", [0])], tolerance },
  ],
  errors: [
    {
      name: "integers",
      build: () => log(constant(zeros("int64", [2]))),
      code: "dtype/float",
      message:
        'log: the operand must be a float tensor, got int64. Cast it first: cast(x, "float32").',
    },
  ],
});
