/** @file Cases of matMul: batches, broadcast batches, inner size 1 and 0. */

import {
  exact,
  float64,
  type OpCases,
  opCases,
  relative,
  uniform,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { matMul } from "./mat-mul.ts";

const tolerance = relative(1e-6, "sums of up to a dozen positive products");

export const cases: OpCases = opCases(matMul, {
  samples: [
    { name: "matrices", inputs: [uniform([2, 3], 1, 2), uniform([3, 4], 1, 2)], tolerance },
    { name: "batches", inputs: [uniform([2, 2, 3], 1, 2), uniform([2, 3, 2], 1, 2)], tolerance },
    {
      name: "one matrix for a batch",
      inputs: [uniform([3, 2, 3], 1, 2), uniform([3, 4], 1, 2)],
      tolerance,
    },
    {
      name: "batch axes of both stretched",
      inputs: [uniform([2, 1, 1, 3], 1, 2), uniform([3, 3, 2], 1, 2)],
      tolerance,
    },
    { name: "inner size 1", inputs: [uniform([3, 1], 1, 2), uniform([1, 2], 1, 2)], tolerance },
    {
      name: "float64",
      inputs: [float64(uniform([2, 2], 1, 2)), float64(uniform([2, 2], 1, 2, 1))],
      tolerance,
    },
    {
      name: "inner size 0",
      inputs: [zeros("float32", [2, 0]), zeros("float32", [0, 3])],
      tolerance: exact,
    },
    {
      name: "no rows",
      inputs: [zeros("float32", [0, 2]), uniform([2, 3], 1, 2)],
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "inner sizes that differ",
      build: () => matMul(constant(zeros("float32", [2, 3])), constant(zeros("float32", [2, 3]))),
      code: "shape/inner",
      message:
        "matMul: a's last size must equal b's second to last, got [2, 3] and [2, 3]. Transpose one of them, or correct the layer's sizes.",
    },
    {
      name: "a vector",
      build: () => matMul(constant(zeros("float32", [2, 3])), constant(zeros("float32", [3]))),
      code: "shape/rank",
      message:
        "matMul: both operands must have at least two axes, got [2, 3] and [3]. Reshape a vector to a matrix of one row or one column.",
    },
    {
      name: "batches that do not broadcast",
      build: () =>
        matMul(constant(zeros("float32", [2, 2, 2])), constant(zeros("float32", [3, 2, 2]))),
      code: "shape/broadcast",
      message:
        "matMul: shapes must be equal or broadcast (each pair of sizes, from the last axis, equal or 1), got [2] and [3]. Reshape one of them, or insert axes of size 1.",
    },
    {
      name: "integers",
      build: () => matMul(constant(zeros("int32", [2, 2])), constant(zeros("int32", [2, 2]))),
      code: "dtype/float",
      message:
        'matMul: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
    },
    {
      name: "two dtypes",
      build: () => matMul(constant(zeros("float32", [2, 2])), constant(zeros("float64", [2, 2]))),
      code: "dtype/mismatch",
      message:
        "matMul: operands must have one dtype, got float32 and float64. Cast one of them: nothing is converted silently.",
    },
  ],
});
