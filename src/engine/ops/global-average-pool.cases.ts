/** @file Test cases of globalAveragePool. */

import { type OpCases, opCases, uniform } from "../../../test/support/op-cases.ts";
import { input } from "../graph/index.ts";
import { globalAveragePool } from "./global-average-pool.ts";

const tolerance = { rtol: 1e-6, atol: 1e-6, why: "float32 sums of up to 35 numbers below 1" };

export const cases: OpCases = opCases(globalAveragePool, {
  samples: [
    { name: "images", inputs: [uniform([2, 3, 5, 7], -1, 1)], tolerance },
    { name: "one pixel", inputs: [uniform([2, 3, 1, 1], -1, 1)], tolerance },
    { name: "one channel, batch 1", inputs: [uniform([1, 1, 3, 3], -1, 1)], tolerance },
  ],
  errors: [
    {
      name: "features instead of images",
      build: () => globalAveragePool(input("x", "float32", [2, 3])),
      code: "shape/rank",
      message:
        "globalAveragePool: the operand must have 4 axes [batch, channels, height, width], got [2, 3]. Reshape it.",
    },
    {
      name: "images without columns",
      build: () => globalAveragePool(input("x", "float32", [2, 3, 4, 0])),
      code: "shape/empty",
      message: "globalAveragePool: every axis must have at least one element, got [2, 3, 4, 0].",
    },
    {
      name: "an integer image",
      build: () => globalAveragePool(input("pixels", "uint8", [1, 2, 3, 3])),
      code: "dtype/unsupported",
      message: "globalAveragePool: the dtype must be float32, got uint8. Cast the operand first.",
    },
  ],
});
