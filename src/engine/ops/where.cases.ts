/**
 * @file Cases of where: numbers as branches, broadcasting of all three operands, NaN in the branch
 * not taken.
 */

import {
  bool,
  exact,
  int64,
  type OpCases,
  opCases,
  uniform,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { where } from "./where.ts";

const condition = bool([3], [1, 0, 1]);

export const cases: OpCases = opCases(where, {
  samples: [
    {
      name: "same shape",
      inputs: [condition, uniform([3], -2, 2), uniform([3], -2, 2, 1)],
      tolerance: exact,
    },
    {
      name: "all stretched",
      inputs: [bool([2, 1, 1], [1, 0]), uniform([3, 1], -2, 2), uniform([4], -2, 2)],
      tolerance: {
        rtol: 5e-7,
        atol: 1e-30,
        why: "gradients are sums of up to six positive numbers",
      },
    },
    {
      name: "number where false",
      inputs: [condition, uniform([3], -2, 2)],
      build: (c, a) => where(c!, a!, 0),
      tolerance: exact,
    },
    {
      name: "number where true",
      inputs: [condition, uniform([3], -2, 2)],
      build: (c, b) => where(c!, 1, b!),
      tolerance: exact,
      noGolden: "PyTorch's table takes the number second",
    },
    {
      name: "two numbers",
      inputs: [condition],
      build: (c) => where(c!, 1, -1),
      tolerance: exact,
      noGolden: "no tensor to hand over",
    },
    {
      name: "NaN and infinity not taken",
      inputs: [condition, float32([3], [1, NaN, 2]), float32([3], [Infinity, 3, NaN])],
      tolerance: exact,
      noDifferences: "inputs are not finite",
    },
    {
      name: "int64",
      inputs: [condition, int64([3], [1, 2, 3]), int64([1], [9])],
      tolerance: exact,
    },
    {
      name: "empty",
      inputs: [zeros("bool", [0]), zeros("float32", [0]), zeros("float32", [1])],
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "float condition",
      build: () => where(constant(zeros("float32", [2])), 1, 0),
      code: "dtype/bool",
      message:
        "where: the condition must be a bool tensor, got float32. Compare first: greater(x, 0).",
    },
    {
      name: "branches of two dtypes",
      build: () =>
        where(constant(condition), constant(zeros("float32", [3])), constant(zeros("int64", [3]))),
      code: "dtype/mismatch",
      message:
        "where: operands must have one dtype, got float32 and int64. Cast one of them: nothing is converted silently.",
    },
    {
      name: "condition that does not broadcast",
      build: () => where(constant(condition), constant(zeros("float32", [2])), 0),
      code: "shape/broadcast",
      message:
        "where: shapes must be equal or broadcast (each pair of sizes, from the last axis, equal or 1), got [3] and [2]. Reshape one of them, or insert axes of size 1.",
    },
    {
      name: "uint32 branches",
      build: () =>
        where(constant(condition), constant(zeros("uint32", [3])), constant(zeros("uint32", [3]))),
      code: "dtype/unsupported",
      message:
        "where: the dtype must be one of float32, float64, float16, int32, int64, uint8, got uint32. Cast the operand first.",
    },
    {
      name: "a number that uint8 cannot hold",
      build: () => where(constant(condition), constant(zeros("uint8", [3])), 300),
      code: "dtype/number",
      message:
        'where: a number beside uint8 elements must be a whole number from 0 to 255, got 300. Give one, or cast the tensor first: cast(x, "float32").',
    },
  ],
});
