/** @file Cases of pow: whole, fractional and negative exponents; 0⁰ = 1. */

import {
  exact,
  type OpCases,
  opCases,
  relative,
  spaced,
  uniform,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { pow } from "./pow.ts";

const tolerance = relative(1e-6, "the runtime's power function and two products");

export const cases: OpCases = opCases(pow, {
  samples: [
    { name: "square", inputs: [spaced([3, 4], -2, 2)], build: (x) => pow(x!, 2), tolerance },
    { name: "cube", inputs: [spaced([4], -2, 2)], build: (x) => pow(x!, 3), tolerance },
    { name: "root", inputs: [uniform([4], 0.5, 2)], build: (x) => pow(x!, 0.5), tolerance },
    { name: "reciprocal", inputs: [uniform([4], 0.5, 2)], build: (x) => pow(x!, -1), tolerance },
    {
      name: "exponent 1",
      inputs: [spaced([4], -2, 2)],
      build: (x) => pow(x!, 1),
      tolerance: exact,
    },
    {
      name: "exponent 0",
      inputs: [float32([2], [0, -2])],
      build: (x) => pow(x!, 0),
      tolerance: exact,
    },
    {
      name: "square at zero",
      inputs: [float32([1], [0])],
      build: (x) => pow(x!, 2),
      tolerance: exact,
    },
    {
      name: "empty",
      inputs: [zeros("float32", [0, 2])],
      build: (x) => pow(x!, 2),
      tolerance,
    },
  ],
  errors: [
    {
      name: "an exponent that is no number",
      build: () => pow(constant(zeros("float32", [2])), NaN),
      code: "config/range",
      message: "pow: exponent must be a finite number, got NaN. Give an ordinary number.",
    },
    {
      name: "integers",
      build: () => pow(constant(zeros("int32", [2])), 2),
      code: "dtype/float",
      message:
        'pow: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
    },
  ],
});
