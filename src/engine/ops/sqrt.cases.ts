/** @file Cases of sqrt. */

import {
  exact,
  type OpCases,
  opCases,
  relative,
  rounded,
  uniform,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { sqrt } from "./sqrt.ts";

export const cases: OpCases = opCases(sqrt, {
  samples: [
    {
      name: "matrix",
      inputs: [uniform([3, 4], 0.5, 3)],
      tolerance: rounded,
      gradientTolerance: relative(3e-7, "a root and a division"),
    },
    {
      name: "very small and very large",
      inputs: [float32([2], [1e-30, 1e30])],
      tolerance: rounded,
      gradientTolerance: relative(3e-7, "a root and a division"),
      noDifferences: "the step is larger than the element",
    },
    {
      name: "zero, negative, infinity",
      inputs: [float32([3], [0, -1, Infinity])],
      tolerance: exact,
      noGradientCheck: "no finite derivative",
    },
    { name: "empty", inputs: [zeros("float32", [0])], tolerance: exact },
    { name: "scalar", inputs: [float32([], [4])], tolerance: exact },
  ],
  errors: [
    {
      name: "integers",
      build: () => sqrt(constant(zeros("int32", [2]))),
      code: "dtype/float",
      message:
        'sqrt: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
    },
  ],
});
