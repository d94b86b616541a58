/**
 * @file The pass that adds inside a matrix product: text before and after, numbers, what it leaves.
 */

import { describe, expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { addIntoGemm } from "../../src/engine/compile/index.ts";
import {
  type Graph,
  input,
  printGraph,
  type Value,
  verifyGraph,
} from "../../src/engine/graph/index.ts";
import { add, gemm, mul, reduceSum, relu } from "../../src/engine/ops/index.ts";
import { float32 } from "../../src/engine/tensor/index.ts";
import { evaluateReference, referenceTensor } from "../reference/evaluate.ts";
import { assertClose } from "../support/close.ts";
import { uniform } from "../support/op-cases.ts";
import { runGraph } from "../support/run-graph.ts";

const a = input("a", "float32", [2, 3]);
const b = input("b", "float32", [3, 4]);
const p = input("p", "float32", [2, 4]);
const row = input("row", "float32", [4]);

function graphOf(...values: readonly Value[]): Graph {
  const outputs = values.map((value, i) => ({ name: `y${i}`, value }));
  return { name: "graph", inputs: [a, b, p, row], outputs };
}

describe("addIntoGemm", () => {
  it("moves what is added to a product into it, on either side, sums of products too", () => {
    const momentum = add(mul(p, 0.5), gemm(a, b));
    const before = graphOf(relu(momentum), add(add(gemm(a, b), p), gemm(relu(a), b)));
    expect(
      printGraph(before),
    ).toBe(`graph(a: float32[2, 3], b: float32[3, 4], p: float32[2, 4], row: float32[4]) → y0, y1
  %0 = constant(value=float32[]{0.5}) : float32[]
  %1 = mul(p, %0) : float32[2, 4]
  %2 = gemm(a, b, transA=false, transB=false) : float32[2, 4]
  %3 = add(%1, %2) : float32[2, 4]
  %4 = relu(%3) : float32[2, 4]
  %5 = gemm(a, b, transA=false, transB=false) : float32[2, 4]
  %6 = add(%5, p) : float32[2, 4]
  %7 = relu(a) : float32[2, 3]
  %8 = gemm(%7, b, transA=false, transB=false) : float32[2, 4]
  %9 = add(%6, %8) : float32[2, 4]
  y0 = %4
  y1 = %9
`);
    const after = addIntoGemm(before);
    expect(
      printGraph(after),
    ).toBe(`graph(a: float32[2, 3], b: float32[3, 4], p: float32[2, 4], row: float32[4]) → y0, y1
  %0 = gemm(a, b, p, transA=false, transB=false, beta=0.5) : float32[2, 4]
  %1 = relu(%0) : float32[2, 4]
  %2 = relu(a) : float32[2, 3]
  %3 = gemm(a, b, p, transA=false, transB=false) : float32[2, 4]
  %4 = gemm(%2, b, %3, transA=false, transB=false) : float32[2, 4]
  y0 = %1
  y1 = %4
`);
    verifyGraph(after);
  });

  it("leaves the factor where the product sums nothing: the runtime would not apply it", async () => {
    const [none, side] = [input("none", "float32", [2, 0]), input("side", "float32", [0, 4])];
    const value = add(mul(p, 0.5), gemm(none, side));
    const outputs = [{ name: "y", value }];
    const graph = addIntoGemm({ name: "graph", inputs: [none, side, p], outputs });
    const feeds = {
      none: float32([2, 0], []),
      side: float32([0, 4], []),
      p: float32([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]),
    };
    const { y } = await runGraph(graph, feeds);
    expect([...(y!.data as Float32Array)]).toEqual([0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]);
  });

  it("computes the same, in float64 and in ONNX Runtime", async () => {
    const graph = graphOf(add(mul(p, 0.5), gemm(a, b)), add(add(gemm(a, b), p), gemm(relu(a), b)));
    const feeds = Object.fromEntries(
      graph.inputs.map(({ name, shape }, i) => [name, uniform(shape, -1, 1, i)]),
    );
    const fed = Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => [name, referenceTensor(value)]),
    );
    const expected = evaluateReference(graph, fed);
    const after = evaluateReference(addIntoGemm(graph), fed);
    const produced = await runGraph(addIntoGemm(graph), feeds);
    for (const [name, value] of Object.entries(expected)) {
      // a handful of terms in another order
      assertClose(name, after[name]!, value, { rtol: 1e-14, atol: 1e-15 });
      // the same in float32
      assertClose(name, referenceTensor(produced[name]!), value, { rtol: 1e-6, atol: 1e-6 });
    }
  });

  const half = mul(p, 0.5);
  const double = (name: string, shape: number[]) => input(name, "float64", shape);
  const [x, y, z] = [double("x", [2, 3]), double("y", [3, 4]), double("z", [2, 4])];
  it.each([
    ["momentum that is needed elsewhere", graphOf(add(half, gemm(a, b)), relu(half))],
    ["momentum that changes", graphOf(add(mul(p, row), gemm(a, b)))],
    ["momentum of 0", graphOf(add(mul(p, 0), gemm(a, b)))],
    ["momentum in float64", { ...graphOf(add(mul(z, 0.5), gemm(x, y))), inputs: [x, y, z] }],
  ] as const)("adds %s as it is", (_, graph) => {
    const { value } = addIntoGemm(graph).outputs[0]!;
    expect(value.op).toBe("gemm");
    expect(value.inputs[2]!.op).toBe("mul");
    expect(value.attrs).toEqual({ transA: false, transB: false });
  });

  it("of weight decay and momentum takes the decay", () => {
    const w = row;
    const gradient = add(gemm(a, b), mul(p, 0.25));
    const after = addIntoGemm(graphOf(add(mul(mul(p, w), 0.5), gradient)));
    expect(printGraph(after)).toContain("gemm(a, b, p, transA=false, transB=false, beta=0.25)");
    expect(after.outputs[0]!.value.op).toBe("add");
  });

  it("has the derivative of what it replaces", () => {
    const { value } = addIntoGemm(graphOf(add(half, gemm(a, b)))).outputs[0]!;
    const slopes = gradients(reduceSum(value), [p]);
    const found = evaluateReference(
      { ...graphOf(slopes[0]!) },
      Object.fromEntries(
        [a, b, p, row].map(({ name, shape }) => [name, referenceTensor(uniform(shape, 0, 1))]),
      ),
    );
    expect([...found.y0!.data]).toEqual(new Array(8).fill(0.5));
  });

  const product = gemm(a, b);
  it.each([
    ["a product that is needed elsewhere", graphOf(add(product, p), relu(product))],
    ["a product that is an output", graphOf(add(product, p), product)],
    ["a product that has an addend", graphOf(add(gemm(a, b, { c: row }), p))],
    ["a product that is added to itself", graphOf(add(product, product))],
    ["an addend of another shape", graphOf(add(gemm(a, b), row))],
  ] as const)("leaves %s alone", (_, graph) => {
    expect(printGraph(addIntoGemm(graph))).toBe(printGraph(graph));
  });
});
