/** @file Cases of reduceMean. */

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
import { reduceMean } from "./reduce-mean.ts";

const tolerance = relative(1e-6, "up to 24 positive terms and a division");

export const cases: OpCases = opCases(reduceMean, {
  samples: [
    { name: "all axes", inputs: [uniform([2, 3, 4], 1, 2)], tolerance },
    {
      name: "first axis",
      inputs: [uniform([4, 3], 1, 2)],
      build: (x) => reduceMean(x!, { axes: [0] }),
      tolerance,
    },
    {
      name: "spatial axes, kept",
      inputs: [uniform([2, 3, 2, 2], 1, 2)],
      build: (x) => reduceMean(x!, { axes: [2, 3], keepDims: true }),
      tolerance,
    },
    { name: "one element", inputs: [uniform([1, 1], 1, 2)], tolerance: exact },
    { name: "float64", inputs: [float64(uniform([3], 1, 2))], tolerance },
    {
      name: "other axis empty",
      inputs: [zeros("float32", [0, 3])],
      build: (x) => reduceMean(x!, { axes: [1] }),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "integers",
      build: () => reduceMean(constant(zeros("int64", [2]))),
      code: "dtype/float",
      message:
        'reduceMean: the operand must be a float tensor, got int64. Cast it first: cast(x, "float32").',
    },
    {
      name: "the mean of nothing",
      build: () => reduceMean(constant(zeros("float32", [0, 3])), { axes: [0] }),
      code: "shape/empty",
      message:
        "reduceMean: the reduced axes must hold at least one element, got [0, 3]. Skip empty tensors.",
    },
    {
      name: "an axis that does not exist",
      build: () => reduceMean(constant(zeros("float32", [2, 3])), { axes: [-3] }),
      code: "shape/axis",
      message:
        "reduceMean: axis must be an integer in -2 … 1 for a tensor of rank 2, got -3. Name an existing axis.",
    },
  ],
});
