/** @file Cases of cast: every pair of dtypes that training and labelling use. */

import {
  bool,
  exact,
  float64,
  int64,
  type OpCases,
  opCases,
  rounded,
  uniform,
} from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { type DType, float16FromFloat32, float32, tensor, zeros } from "../tensor/index.ts";
import { cast } from "./cast.ts";

const halves = tensor("float16", [3], Uint16Array.from([0.5, -1.25, 1000], float16FromFloat32));

export const cases: OpCases = opCases(cast, {
  samples: [
    {
      name: "float32 to float64",
      inputs: [uniform([3, 2], -2, 2)],
      build: (x) => cast(x!, "float64"),
      tolerance: exact,
    },
    {
      name: "float64 to float32",
      inputs: [float64(uniform([3], -2, 2))],
      build: (x) => cast(x!, "float32"),
      tolerance: rounded,
    },
    {
      name: "float16 to float32",
      inputs: [halves],
      build: (x) => cast(x!, "float32"),
      tolerance: exact,
      noGradientCheck: "the gradient would be summed in float16",
    },
    {
      name: "uint8 to float32",
      inputs: [tensor("uint8", [4], Uint8Array.of(0, 1, 128, 255))],
      build: (x) => cast(x!, "float32"),
      tolerance: exact,
    },
    {
      name: "float32 to int64, towards zero",
      inputs: [float32([5], [1.9, -1.9, 0.5, -0.5, 1e6])],
      build: (x) => cast(x!, "int64"),
      tolerance: exact,
    },
    {
      name: "float32 to bool",
      inputs: [float32([4], [0, -0, 0.1, NaN])],
      build: (x) => cast(x!, "bool"),
      tolerance: exact,
    },
    {
      name: "bool to float32",
      inputs: [bool([2], [1, 0])],
      build: (x) => cast(x!, "float32"),
      tolerance: exact,
    },
    {
      name: "int64 to int32",
      inputs: [int64([2], [-3, 2 ** 31 - 1])],
      build: (x) => cast(x!, "int32"),
      tolerance: exact,
    },
    {
      name: "empty",
      inputs: [zeros("float32", [2, 0])],
      build: (x) => cast(x!, "float64"),
      tolerance: exact,
    },
    {
      name: "scalar",
      inputs: [float32([], [2.5])],
      build: (x) => cast(x!, "int32"),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "a dtype that does not exist",
      build: () => cast(constant(zeros("float32", [2])), "float" as DType), // as untyped callers may
      code: "config/unknown-name",
      message:
        'cast: unknown dtype "float". Did you mean "float32"? Valid: float32, float64, float16, int8, uint8, int32, uint32, int64, bool.',
    },
  ],
});
