/**
 * @file Cases of hashUniform: bit for bit against NumPy's uint32 arithmetic. Its distribution:
 * test/ops/hash-uniform.test.ts.
 */

import { exact, type OpCases, opCases } from "../../../test/support/op-cases.ts";
import { constant } from "../graph/index.ts";
import { tensor, zeros } from "../tensor/index.ts";
import { hashUniform } from "./hash-uniform.ts";

const seed = (value: number) => tensor("uint32", [], Uint32Array.of(value));

export const cases: OpCases = opCases(hashUniform, {
  samples: [
    {
      name: "seed 0, stream 0",
      inputs: [seed(0)],
      build: (s) => hashUniform(s!, { shape: [4, 5], stream: 0 }),
      tolerance: exact,
    },
    {
      name: "largest seed and stream",
      inputs: [seed(2 ** 32 - 1)],
      build: (s) => hashUniform(s!, { shape: [7], stream: 2 ** 32 - 1 }),
      tolerance: exact,
    },
    {
      name: "scalar",
      inputs: [seed(12345)],
      build: (s) => hashUniform(s!, { shape: [], stream: 3 }),
      tolerance: exact,
    },
    {
      name: "empty",
      inputs: [seed(1)],
      build: (s) => hashUniform(s!, { shape: [0, 2], stream: 1 }),
      tolerance: exact,
    },
  ],
  errors: [
    {
      name: "a signed seed",
      build: () => hashUniform(constant(zeros("int32", [])), { shape: [2], stream: 0 }),
      code: "dtype/seed",
      message:
        "hashUniform: the seed must be a uint32 scalar, got int32[]. Feed a uint32 of shape [].",
    },
    {
      name: "a seed that is no scalar",
      build: () => hashUniform(constant(zeros("uint32", [1])), { shape: [2], stream: 0 }),
      code: "dtype/seed",
      message:
        "hashUniform: the seed must be a uint32 scalar, got uint32[1]. Feed a uint32 of shape [].",
    },
    {
      name: "a negative stream",
      build: () => hashUniform(constant(zeros("uint32", [])), { shape: [2], stream: -1 }),
      code: "config/range",
      message:
        "hashUniform: stream must be an integer in 0 … 4294967295, got -1. Number the random tensors of a graph from 0.",
    },
  ],
});
