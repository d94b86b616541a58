/** @file Cases of gemm: all four transpositions, each form of the addend. */

import { exact, type OpCases, opCases, relative, uniform } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { gemm } from "./gemm.ts";

const tolerance = relative(1e-6, "sums of up to a dozen positive products");

export const cases: OpCases = opCases(gemm, {
  samples: [
    {
      name: "plain",
      inputs: [uniform([2, 3], 1, 2), uniform([3, 4], 1, 2)],
      build: (a, b) => gemm(a!, b!),
      tolerance,
    },
    {
      name: "transA",
      inputs: [uniform([3, 2], 1, 2), uniform([3, 4], 1, 2)],
      build: (a, b) => gemm(a!, b!, { transA: true }),
      tolerance,
    },
    {
      name: "transB, row bias: a dense layer",
      inputs: [uniform([2, 3], 1, 2), uniform([4, 3], 1, 2), uniform([4], 1, 2)],
      build: (a, b, c) => gemm(a!, b!, { c: c!, transB: true }),
      tolerance,
    },
    {
      name: "both transposed, column addend",
      inputs: [uniform([3, 2], 1, 2), uniform([4, 3], 1, 2), uniform([2, 1], 1, 2)],
      build: (a, b, c) => gemm(a!, b!, { c: c!, transA: true, transB: true }),
      tolerance,
    },
    {
      name: "full addend",
      inputs: [uniform([2, 3], 1, 2), uniform([3, 2], 1, 2), uniform([2, 2], 1, 2)],
      build: (a, b, c) => gemm(a!, b!, { c: c! }),
      tolerance,
    },
    {
      name: "scalar addend",
      inputs: [uniform([2, 3], 1, 2), uniform([3, 2], 1, 2), uniform([], 1, 2)],
      build: (a, b, c) => gemm(a!, b!, { c: c! }),
      tolerance,
    },
    {
      name: "no rows",
      inputs: [zeros("float32", [0, 3]), uniform([3, 2], 1, 2)],
      build: (a, b) => gemm(a!, b!),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "inner sizes that differ",
      build: () => gemm(constant(zeros("float32", [2, 3])), constant(zeros("float32", [4, 3]))),
      code: "shape/inner",
      message:
        "gemm: the inner sizes of op(a) and op(b) must be equal, got 3 of [2, 3] and 4 of [4, 3]. Set transA or transB, or correct the layer's sizes.",
    },
    {
      name: "a batch of matrices",
      build: () => gemm(constant(zeros("float32", [5, 2, 3])), constant(zeros("float32", [3, 4]))),
      code: "shape/rank",
      message: "gemm: the operand must have 2 axes [rows, inner], got [5, 2, 3]. Reshape it.",
    },
    {
      name: "a bias of the wrong size",
      build: () =>
        gemm(constant(zeros("float32", [2, 3])), constant(zeros("float32", [3, 4])), {
          c: constant(zeros("float32", [3])),
        }),
      code: "shape/broadcast",
      message:
        "gemm: c must broadcast to the product's shape [2, 4], got [3]. Give a bias one element per column.",
    },
    {
      name: "an addend that would enlarge the product",
      build: () =>
        gemm(constant(zeros("float32", [1, 3])), constant(zeros("float32", [3, 4])), {
          c: constant(zeros("float32", [2, 4])),
        }),
      code: "shape/broadcast",
      message:
        "gemm: c must broadcast to the product's shape [1, 4], got [2, 4]. Give a bias one element per column.",
    },
    {
      name: "a bias of another dtype",
      build: () =>
        gemm(constant(zeros("float32", [2, 3])), constant(zeros("float32", [3, 4])), {
          c: constant(zeros("float64", [4])),
        }),
      code: "dtype/mismatch",
      message:
        "gemm: operands must have one dtype, got float32 and float32 and float64. Cast one of them: nothing is converted silently.",
    },
    {
      name: "integers",
      build: () => gemm(constant(zeros("int32", [2, 2])), constant(zeros("int32", [2, 2]))),
      code: "dtype/float",
      message:
        'gemm: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
    },
  ],
});
