/** @file ONNX Runtime has the empty tensors that were inferred where axes of size 1 go to 0. */

import { expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { type Graph, input, type Value } from "../../src/engine/graph/index.ts";
import { expand, mul, neg, reduceSum } from "../../src/engine/ops/index.ts";
import { float32 } from "../../src/engine/tensor/index.ts";
import { runGraph } from "../support/run-graph.ts";

const x = input("x", "float32", [0, 3]);
const row = input("row", "float32", [1, 3]);
const sums = reduceSum(x, { axes: [0] });
const values: Readonly<Record<string, Value>> = {
  "the gradient of the squares of sums over nothing": gradients(reduceSum(mul(sums, sums)), [
    x,
  ])[0]!,
  "a sum over nothing, expanded to nothing": expand(
    reduceSum(x, { axes: [0], keepDims: true }),
    [0, 3],
  ),
  "a computed row, expanded to nothing": expand(neg(row), [0, 3]),
};

it.each(Object.entries(values))("%s", async (_, value) => {
  const graph: Graph = { name: "empty", inputs: [x, row], outputs: [{ name: "y", value }] };
  const { y } = await runGraph(graph, { x: float32([0, 3], []), row: float32([1, 3], [1, 2, 3]) });
  expect(y).toEqual(float32([0, 3], []));
});
