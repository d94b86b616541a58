/** @file Cases of gruSequence: both places of the reset gate, one step, one unit. */

import { type OpCases, opCases, uniform } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { type Shape, type Tensor, zeros } from "../tensor/index.ts";
import { gruSequence } from "./gru-sequence.ts";

const tolerance = {
  rtol: 0,
  atol: 3e-6,
  why: "the runtime's approximations of sigmoid and tanh, carried from step to step",
};

function operands(x: Shape, units: number): Tensor[] {
  return [
    uniform(x, -1, 1),
    uniform([3 * units, x[2]!], -1, 1, 1),
    uniform([3 * units, units], -1, 1, 2),
    uniform([6 * units], -1, 1, 3),
  ];
}

export const cases: OpCases = opCases(gruSequence, {
  samples: [
    { name: "five steps", inputs: operands([5, 3, 4], 2), tolerance },
    {
      name: "reset before the product",
      inputs: operands([4, 2, 3], 3),
      build: (x, w, r, b) => gruSequence(x!, w!, r!, b!, { linearBeforeReset: false }),
      tolerance,
    },
    { name: "one step", inputs: operands([1, 2, 3], 4), tolerance },
    { name: "one unit, one feature", inputs: operands([3, 1, 1], 1), tolerance },
  ],
  errors: [
    {
      name: "a bias for one product only",
      build: () =>
        gruSequence(
          constant(zeros("float32", [5, 1, 2])),
          constant(zeros("float32", [9, 2])),
          constant(zeros("float32", [9, 3])),
          constant(zeros("float32", [9])),
        ),
      code: "shape/mismatch",
      message:
        "gruSequence: bias must have the shape [18] that the other operands imply, got [9]. Make the shapes agree.",
    },
    {
      name: "a single step without its axis",
      build: () =>
        gruSequence(
          constant(zeros("float32", [1, 2])),
          constant(zeros("float32", [9, 2])),
          constant(zeros("float32", [9, 3])),
          constant(zeros("float32", [18])),
        ),
      code: "shape/rank",
      message:
        "gruSequence: the operand must have 3 axes [time, batch, features], got [1, 2]. Reshape it.",
    },
    {
      name: "no steps",
      build: () =>
        gruSequence(
          constant(zeros("float32", [0, 1, 2])),
          constant(zeros("float32", [9, 2])),
          constant(zeros("float32", [9, 3])),
          constant(zeros("float32", [18])),
        ),
      code: "shape/empty",
      message: "gruSequence: every axis must have at least one element, got [0, 1, 2].",
    },
    {
      name: "weights of another dtype",
      build: () =>
        gruSequence(
          constant(zeros("float32", [5, 1, 2])),
          constant(zeros("float64", [9, 2])),
          constant(zeros("float32", [9, 3])),
          constant(zeros("float32", [18])),
        ),
      code: "dtype/mismatch",
      message:
        "gruSequence: operands must have one dtype, got float32 and float64 and float32 and float32. Cast one of them: nothing is converted silently.",
    },
    {
      name: "integers",
      build: () =>
        gruSequence(
          constant(zeros("int32", [5, 1, 2])),
          constant(zeros("int32", [9, 2])),
          constant(zeros("int32", [9, 3])),
          constant(zeros("int32", [18])),
        ),
      code: "dtype/unsupported",
      message: "gruSequence: the dtype must be float32, got int32. Cast the operand first.",
    },
  ],
});
