/** @file Cases of isFiniteNumber. */

import { exact, float64, type OpCases, opCases } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { isFiniteNumber } from "./is-finite-number.ts";

const numbers = float32([7], [0, -0, 1e-45, 3e38, Infinity, -Infinity, NaN]);

export const cases: OpCases = opCases(isFiniteNumber, {
  samples: [
    { name: "float32", inputs: [numbers], tolerance: exact },
    { name: "float64", inputs: [float64(numbers)], tolerance: exact },
    { name: "scalar", inputs: [float32([], [NaN])], tolerance: exact },
    { name: "empty", inputs: [zeros("float32", [0, 2])], tolerance: exact },
  ],
  errors: [
    {
      name: "integers",
      build: () => isFiniteNumber(constant(zeros("int32", [2]))),
      code: "dtype/unsupported",
      message:
        "isFiniteNumber: the dtype must be one of float32, float64, got int32. Cast the operand first.",
    },
  ],
});
