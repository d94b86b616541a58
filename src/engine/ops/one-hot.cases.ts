/** @file Cases of oneHot; indices out of range give rows of zeros. */

import { exact, int32, int64, type OpCases, opCases } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { oneHot } from "./one-hot.ts";

export const cases: OpCases = opCases(oneHot, {
  samples: [
    {
      name: "labels",
      inputs: [int32([4], [2, 0, 1, 2])],
      build: (i) => oneHot(i!, { depth: 3 }),
      tolerance: exact,
    },
    {
      name: "int64 of two axes",
      inputs: [int64([2, 2], [0, 1, 1, 0])],
      build: (i) => oneHot(i!, { depth: 2 }),
      tolerance: exact,
    },
    {
      name: "one class, scalar index",
      inputs: [int64([], [0])],
      build: (i) => oneHot(i!, { depth: 1 }),
      tolerance: exact,
    },
    {
      name: "out of range",
      inputs: [int32([3], [-1, 3, 1])],
      build: (i) => oneHot(i!, { depth: 3 }),
      tolerance: exact,
      noGolden: "PyTorch refuses such indices",
    },
    {
      name: "no index",
      inputs: [int32([0], [])],
      build: (i) => oneHot(i!, { depth: 3 }),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "float indices",
      build: () => oneHot(constant(zeros("float32", [2])), { depth: 3 }),
      code: "dtype/unsupported",
      message:
        "oneHot: the dtype must be one of int32, int64, got float32. Cast the operand first.",
    },
    {
      name: "no class",
      build: () => oneHot(constant(zeros("int32", [2])), { depth: 0 }),
      code: "shape/depth",
      message: "oneHot: depth must be a positive integer, got 0. Give the number of classes.",
    },
  ],
});
