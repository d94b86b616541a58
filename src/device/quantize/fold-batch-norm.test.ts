import { expect, test } from "vitest";
import { evaluateReference } from "../../../test/reference/evaluate.ts";
import { constant, type Graph, input, printGraph, type Value } from "../../engine/graph/index.ts";
import { batchNormalization, conv2d, gemm, relu } from "../../engine/ops/index.ts";
import { float32 } from "../../engine/tensor/index.ts";
import { foldBatchNorm } from "./fold-batch-norm.ts";

const samples = input("x", "float32", [1, 2, 2, 2]);
const vector = (...values: number[]): Value => constant(float32([values.length], values));
const statistics = [vector(2, 3), vector(0.5, -1), vector(1, -2), vector(4, 0.25)] as const;
const kernel = constant(float32([2, 2, 1, 1], [1, -2, 3, 0.5]));

function graphOf(value: Value, placeholder = samples): Graph {
  return { name: "net", inputs: [placeholder], outputs: [{ name: "y", value }] };
}

const feed = { x: { shape: [1, 2, 2, 2], data: Float64Array.of(1, 2, 3, 4, -1, 0, 0.5, 9) } };

test("a convolution takes the normalisation in, and the values stay", () => {
  const norm = batchNormalization(conv2d(samples, kernel), ...statistics, { epsilon: 1e-9 });
  const folded = foldBatchNorm(graphOf(relu(norm)));
  expect(printGraph(folded)).toMatchInlineSnapshot(`
    "net(x: float32[1, 2, 2, 2]) → y
      %0 = constant(value=float32[2, 2, 1, 1]{1, -2, 18, 3}) : float32[2, 2, 1, 1]
      %1 = constant(value=float32[2]{-0.5, 11}) : float32[2]
      %2 = conv2d(x, %0, %1, kernel=[1, 1], strides=[1, 1], dilations=[1, 1], padding=[0, 0, 0, 0], groups=1) : float32[1, 2, 2, 2]
      %3 = relu(%2) : float32[1, 2, 2, 2]
      y = %3
    "
  `);
  const [before, after] = [graphOf(relu(norm)), folded].map((graph) =>
    evaluateReference(graph, feed),
  );
  after!.y!.data.forEach((y, at) => {
    // kernel and bias were rounded to float32 once more
    expect(y).toBeCloseTo(before!.y!.data[at]!, 4);
  });
});

test("dense layers do so in both layouts of their weights", () => {
  const rows = input("x", "float32", [1, 3]);
  const matrix = constant(float32([3, 2], [1, -2, 3, 0.5, 7, -1]));
  const turned = constant(float32([2, 3], [1, 3, 7, -2, 0.5, -1]));
  const one = batchNormalization(gemm(rows, matrix, { c: vector(0.1, 0.2) }), ...statistics);
  const two = batchNormalization(
    gemm(rows, turned, { transB: true, c: vector(0.1, 0.2) }),
    ...statistics,
  );
  const row = { x: { shape: [1, 3], data: Float64Array.of(1, -2, 0.5) } };
  const results = [one, two].map((value) => {
    const folded = foldBatchNorm(graphOf(value, rows));
    expect(folded.outputs[0]!.value.op).toBe("gemm");
    return [...evaluateReference(folded, row).y!.data];
  });
  const exact = evaluateReference(graphOf(one, rows), row).y!.data;
  for (const result of results)
    for (const at of [0, 1]) expect(result[at]).toBeCloseTo(exact[at]!, 4);
});

test("a convolution that something else reads keeps its values", () => {
  const shared = conv2d(samples, kernel);
  const graph: Graph = {
    name: "net",
    inputs: [samples],
    outputs: [
      { name: "y", value: batchNormalization(shared, ...statistics) },
      { name: "z", value: shared },
    ],
  };
  expect(foldBatchNorm(graph).outputs[0]!.value.op).toBe("batchNormalization");
});
