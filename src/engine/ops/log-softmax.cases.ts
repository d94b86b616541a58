/** @file Cases of logSoftmax: each axis, huge logits, one class. */

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
import { logSoftmax } from "./log-softmax.ts";

const tolerance = {
  rtol: 1e-6,
  atol: 5e-7,
  why: "float32 logarithm of a sum, subtracted from logits of size 4",
};

export const cases: OpCases = opCases(logSoftmax, {
  samples: [
    {
      name: "last axis",
      inputs: [uniform([3, 4], -2, 2)],
      build: (x) => logSoftmax(x!),
      tolerance,
    },
    {
      name: "first axis",
      inputs: [uniform([3, 2], -2, 2)],
      build: (x) => logSoftmax(x!, 0),
      tolerance,
    },
    {
      name: "middle axis",
      inputs: [uniform([2, 3, 2], -2, 2)],
      build: (x) => logSoftmax(x!, 1),
      tolerance,
    },
    {
      name: "float64",
      inputs: [float64(uniform([2, 3], -2, 2))],
      build: (x) => logSoftmax(x!),
      tolerance,
    },
    {
      name: "one class",
      inputs: [uniform([3, 1], -2, 2)],
      build: (x) => logSoftmax(x!),
      tolerance: exact,
    },
    {
      name: "logits of ±1,000 stay finite",
      inputs: [float32([2, 3], [1000, 0, -1000, -1000, -1000, -999])],
      build: (x) => logSoftmax(x!),
      tolerance,
    },
    {
      name: "many classes",
      inputs: [spaced([1, 100], -4, 4)],
      build: (x) => logSoftmax(x!),
      tolerance,
    },
    {
      name: "empty batch",
      inputs: [zeros("float32", [0, 3])],
      build: (x) => logSoftmax(x!),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "integers",
      build: () => logSoftmax(constant(zeros("int64", [2, 3]))),
      code: "dtype/float",
      message:
        'logSoftmax: the operand must be a float tensor, got int64. Cast it first: cast(x, "float32").',
    },
    {
      name: "an axis that does not exist",
      build: () => logSoftmax(constant(zeros("float32", [2, 3])), 2),
      code: "shape/axis",
      message:
        "logSoftmax: axis must be an integer in -2 … 1 for a tensor of rank 2, got 2. Name an existing axis.",
    },
    {
      name: "a scalar",
      build: () => logSoftmax(constant(zeros("float32", []))),
      code: "shape/axis",
      message:
        "logSoftmax: axis must be an integer in 0 … -1 for a tensor of rank 0, got -1. Name an existing axis.",
    },
  ],
});
