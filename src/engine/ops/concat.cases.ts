/** @file Cases of concat: one, two and three tensors, an empty one among them. */

import { exact, int64, type OpCases, opCases, uniform } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { concat } from "./concat.ts";

export const cases: OpCases = opCases(concat, {
  samples: [
    {
      name: "rows",
      inputs: [uniform([2, 3], -2, 2), uniform([1, 3], -2, 2)],
      build: (a, b) => concat([a!, b!]),
      tolerance: exact,
    },
    {
      name: "three along the middle axis",
      inputs: [uniform([2, 1, 2], -2, 2), uniform([2, 3, 2], -2, 2), uniform([2, 2, 2], -2, 2)],
      build: (a, b, c) => concat([a!, b!, c!], 1),
      tolerance: exact,
    },
    {
      name: "the last axis, one empty",
      inputs: [uniform([2, 2], -2, 2), zeros("float32", [2, 0])],
      build: (a, b) => concat([a!, b!], -1),
      tolerance: exact,
    },
    { name: "alone", inputs: [uniform([2], -2, 2)], build: (a) => concat([a!]), tolerance: exact },
    {
      name: "int64",
      inputs: [int64([1], [1]), int64([2], [2, 3])],
      build: (a, b) => concat([a!, b!]),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "nothing",
      build: () => concat([]),
      code: "shape/operands",
      message: "concat: there must be at least one tensor, got none.",
    },
    {
      name: "other sizes that differ",
      build: () => concat([constant(zeros("float32", [2, 3])), constant(zeros("float32", [2, 4]))]),
      code: "shape/mismatch",
      message:
        "concat: shapes must be equal except at axis 0, got [2, 3] and [2, 4]. Make the other sizes agree.",
    },
    {
      name: "ranks that differ",
      build: () => concat([constant(zeros("float32", [2, 3])), constant(zeros("float32", [2]))]),
      code: "shape/mismatch",
      message:
        "concat: shapes must be equal except at axis 0, got [2, 3] and [2]. Make the other sizes agree.",
    },
    {
      name: "two dtypes",
      build: () => concat([constant(zeros("float32", [2])), constant(zeros("int64", [2]))]),
      code: "dtype/mismatch",
      message:
        "concat: operands must have one dtype, got float32 and int64. Cast one of them: nothing is converted silently.",
    },
    {
      name: "scalars",
      build: () => concat([constant(zeros("float32", [])), constant(zeros("float32", []))]),
      code: "shape/axis",
      message:
        "concat: axis must be an integer in 0 … -1 for a tensor of rank 0, got 0. Name an existing axis.",
    },
  ],
});
