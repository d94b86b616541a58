/** @file Cases of cast: every pair of dtypes that training and labelling use. */

import { float16FromFloat32, float32, tensor } from "../tensor/index.ts";
import { cast } from "./cast.ts";
import {
  bool,
  exact,
  float64,
  int64,
  type OpCases,
  opCases,
  rounded,
  uniform,
} from "./op-cases.ts";

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
  ],
});
