/** @file Cases of clip: elements on the limits, which pass the gradient. */

import { exact, float64, type OpCases, opCases, spaced } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { float32, zeros } from "../tensor/index.ts";
import { clip } from "./clip.ts";

export const cases: OpCases = opCases(clip, {
  samples: [
    {
      name: "matrix",
      inputs: [spaced([3, 4], -2, 2)],
      build: (x) => clip(x!, -1, 0.75),
      tolerance: exact,
    },
    {
      name: "float64",
      inputs: [float64(spaced([4], -2, 2))],
      build: (x) => clip(x!, -1, 0.75),
      tolerance: exact,
    },
    {
      name: "on the limits",
      inputs: [float32([4], [-1, 0.75, 0, 2])],
      build: (x) => clip(x!, -1, 0.75),
      tolerance: exact,
      noDifferences: "kinks",
    },
    {
      name: "one value",
      inputs: [float32([2], [0, 3])],
      build: (x) => clip(x!, 1, 1),
      tolerance: exact,
    },
    {
      name: "infinities",
      inputs: [float32([2], [-Infinity, Infinity])],
      build: (x) => clip(x!, -1, 1),
      tolerance: exact,
      noDifferences: "inputs are not finite",
    },
    {
      name: "empty",
      inputs: [zeros("float32", [0, 1])],
      build: (x) => clip(x!, -1, 1),
      tolerance: exact,
    },
    {
      name: "scalar",
      inputs: [float32([], [0.5])],
      build: (x) => clip(x!, -1, 1),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "limits in the wrong order",
      build: () => clip(constant(zeros("float32", [2])), 1, -1),
      code: "config/range",
      message:
        "clip: min must not be above max, got 1 and -1. Swap them; for one limit use maximum or minimum.",
    },
    {
      name: "a limit that is infinite",
      build: () => clip(constant(zeros("float32", [2])), 0, Infinity),
      code: "config/range",
      message: "clip: max must be a finite number, got Infinity. Give an ordinary number.",
    },
    {
      name: "integers",
      build: () => clip(constant(zeros("int32", [2])), 0, 1),
      code: "dtype/float",
      message:
        'clip: the operand must be a float tensor, got int32. Cast it first: cast(x, "float32").',
    },
  ],
});
