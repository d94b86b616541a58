/** @file Cases of reshape: an unknown size, a kept leading size, empty tensors, scalars. */

import { bool, exact, type OpCases, opCases, uniform } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { reshape } from "./reshape.ts";

export const cases: OpCases = opCases(reshape, {
  samples: [
    {
      name: "flatten, batch kept",
      inputs: [uniform([2, 3, 4], -2, 2)],
      build: (x) => reshape(x!, [2, 12]),
      tolerance: exact,
    },
    {
      name: "unknown size",
      inputs: [uniform([2, 6], -2, 2)],
      build: (x) => reshape(x!, [3, -1]),
      tolerance: exact,
    },
    {
      name: "unknown leading size",
      inputs: [uniform([4, 3], -2, 2)],
      build: (x) => reshape(x!, [-1, 3]),
      tolerance: exact,
    },
    {
      name: "to a scalar",
      inputs: [uniform([1, 1], -2, 2)],
      build: (x) => reshape(x!, []),
      tolerance: exact,
    },
    {
      name: "from a scalar",
      inputs: [uniform([], -2, 2)],
      build: (x) => reshape(x!, [1, 1]),
      tolerance: exact,
    },
    {
      name: "empty, batch kept",
      inputs: [zeros("float32", [2, 0])],
      build: (x) => reshape(x!, [2, 3, 0]),
      tolerance: exact,
    },
    {
      name: "empty batch",
      inputs: [zeros("float32", [0, 4])],
      build: (x) => reshape(x!, [0, 2, 2]),
      tolerance: exact,
    },
    {
      name: "bool",
      inputs: [bool([4], [1, 0, 0, 1])],
      build: (x) => reshape(x!, [2, 2]),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "another number of elements",
      build: () => reshape(constant(zeros("float32", [4, 3])), [5, 2]),
      code: "shape/reshape",
      message:
        "reshape: the new shape must hold the 12 elements of [4, 3], got [5, 2]. Make the product of the sizes equal; one size may be -1 and is then worked out.",
    },
    {
      name: "an unknown size that is no whole number",
      build: () => reshape(constant(zeros("float32", [4, 3])), [5, -1]),
      code: "shape/reshape",
      message:
        "reshape: the new shape must hold the 12 elements of [4, 3], got [5, -1]. Make the product of the sizes equal; one size may be -1 and is then worked out.",
    },
    {
      name: "two unknown sizes",
      build: () => reshape(constant(zeros("float32", [4, 3])), [-1, -1]),
      code: "shape/reshape",
      message:
        "reshape: the new shape must hold the 12 elements of [4, 3], got [-1, -1]. Make the product of the sizes equal; one size may be -1 and is then worked out.",
    },
    {
      name: "an unknown size of an empty tensor",
      build: () => reshape(constant(zeros("float32", [0, 3])), [0, -1]),
      code: "shape/reshape",
      message:
        "reshape: the new shape must hold the 0 elements of [0, 3], got [0, -1]. Make the product of the sizes equal; one size may be -1 and is then worked out.",
    },
  ],
});
