/** @file Cases of softmax: each axis, huge logits, one class. */

import {
  exact,
  float64,
  type OpCases,
  opCases,
  spaced,
  uniform,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { softmax } from "./softmax.ts";

const tolerance = {
  rtol: 1e-6,
  atol: 1e-7,
  why: "float32 exponentials; gradients are differences of products near 0.1",
};

export const cases: OpCases = opCases(softmax, {
  samples: [
    { name: "last axis", inputs: [uniform([3, 4], -2, 2)], build: (x) => softmax(x!), tolerance },
    {
      name: "first axis",
      inputs: [uniform([3, 2], -2, 2)],
      build: (x) => softmax(x!, 0),
      tolerance,
    },
    {
      name: "middle axis",
      inputs: [uniform([2, 3, 2], -2, 2)],
      build: (x) => softmax(x!, 1),
      tolerance,
    },
    {
      name: "float64",
      inputs: [float64(uniform([2, 3], -2, 2))],
      build: (x) => softmax(x!),
      tolerance,
    },
    {
      name: "one class",
      inputs: [uniform([3, 1], -2, 2)],
      build: (x) => softmax(x!),
      tolerance: exact,
    },
    {
      name: "logits of ±1,000 saturate",
      inputs: [float32([2, 3], [1000, 0, -1000, -1000, -1000, -999])],
      build: (x) => softmax(x!),
      tolerance,
    },
    {
      name: "many classes",
      inputs: [spaced([1, 100], -4, 4)],
      build: (x) => softmax(x!),
      tolerance,
    },
    {
      name: "empty batch",
      inputs: [zeros("float32", [0, 3])],
      build: (x) => softmax(x!),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "integers",
      build: () => softmax(constant(zeros("int64", [2, 3]))),
      code: "dtype/float",
      message:
        'softmax: the operand must be a float tensor, got int64. Cast it first: cast(x, "float32").',
    },
    {
      name: "an axis that does not exist",
      build: () => softmax(constant(zeros("float32", [2, 3])), 2),
      code: "shape/axis",
      message:
        "softmax: axis must be an integer in -2 … 1 for a tensor of rank 2, got 2. Name an existing axis.",
    },
    {
      name: "a scalar",
      build: () => softmax(constant(zeros("float32", []))),
      code: "shape/axis",
      message:
        "softmax: axis must be an integer in 0 … -1 for a tensor of rank 0, got -1. Name an existing axis.",
    },
  ],
});
