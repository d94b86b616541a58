/** @file Cases of pad: uneven borders, other values than 0. */

import { exact, int64, type OpCases, opCases, uniform } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { zeros } from "../tensor/index.ts";
import { pad } from "./pad.ts";

export const cases: OpCases = opCases(pad, {
  samples: [
    {
      name: "uneven border",
      inputs: [uniform([2, 3], -2, 2)],
      build: (x) => pad(x!, { before: [1, 0], after: [0, 2] }),
      tolerance: exact,
    },
    {
      name: "images, value −1",
      inputs: [uniform([1, 2, 2, 2], -2, 2)],
      build: (x) => pad(x!, { before: [0, 0, 1, 1], after: [0, 0, 1, 0], value: -1 }),
      tolerance: exact,
    },
    {
      name: "nothing",
      inputs: [uniform([2], -2, 2)],
      build: (x) => pad(x!, { before: [0], after: [0] }),
      tolerance: exact,
    },
    {
      name: "an empty axis",
      inputs: [zeros("float32", [0, 2])],
      build: (x) => pad(x!, { before: [1, 0], after: [1, 0] }),
      tolerance: exact,
    },
    {
      name: "int64",
      inputs: [int64([2], [1, 2])],
      build: (x) => pad(x!, { before: [1], after: [1], value: 9 }),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "too few entries",
      build: () => pad(constant(zeros("float32", [2, 3])), { before: [1], after: [0, 0] }),
      code: "shape/pad",
      message:
        "pad: before and after must hold a non-negative integer for each of the 2 axes, got [1] and [0, 0]. Use 0 for an axis that stays; slice cuts.",
    },
    {
      name: "negative border",
      build: () => pad(constant(zeros("float32", [2])), { before: [-1], after: [0] }),
      code: "shape/pad",
      message:
        "pad: before and after must hold a non-negative integer for each of the 1 axes, got [-1] and [0]. Use 0 for an axis that stays; slice cuts.",
    },
    {
      name: "uint32",
      build: () => pad(constant(zeros("uint32", [2])), { before: [1], after: [0] }),
      code: "dtype/unsupported",
      message:
        "pad: the dtype must be one of float32, float64, float16, int32, int64, int8, uint8, bool, got uint32. Cast the operand first.",
    },
    {
      name: "a fraction around integers",
      build: () => pad(constant(zeros("int64", [2])), { before: [1], after: [0], value: 0.5 }),
      code: "dtype/number",
      message:
        'pad: a number beside int64 elements must be a whole number from -9223372036854775808 to 9223372036854775807, got 0.5. Give one, or cast the tensor first: cast(x, "float32").',
    },
  ],
});
