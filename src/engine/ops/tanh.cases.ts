/** @file Cases of tanh: saturation on both sides. */

import { exact, type OpCases, opCases, uniform } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { tanh } from "./tanh.ts";

const tolerance = {
  rtol: 0,
  atol: 5e-7,
  why: "the runtime's rational approximation of a number below 1",
};

export const cases: OpCases = opCases(tanh, {
  samples: [
    { name: "matrix", inputs: [uniform([3, 4], -3, 3)], tolerance },
    { name: "near zero", inputs: [uniform([4], -0.01, 0.01)], tolerance },
    { name: "saturated", inputs: [float32([4], [-1000, 1000, -10, 10])], tolerance },
    { name: "empty", inputs: [zeros("float32", [0, 2])], tolerance: exact },
    { name: "scalar", inputs: [float32([], [1])], tolerance },
  ],
  errors: [
    {
      name: "integers",
      build: () => tanh(constant(zeros("int32", [2]))),
      code: "dtype/float",
      message:
        'tanh: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
    },
  ],
});
