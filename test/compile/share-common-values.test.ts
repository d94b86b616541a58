/**
 * @file The pass that computes equal values once: text before and after, same numbers, nothing
 * merged that differs.
 */

import { describe, expect, it } from "vitest";
import { reverseKlLoss, softTargetLoss } from "../../src/distill/losses/index.ts";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { shareCommonValues } from "../../src/engine/compile/index.ts";
import {
  type Attrs,
  constant,
  type Graph,
  input,
  makeNode,
  printGraph,
  type Value,
  valuesOf,
} from "../../src/engine/graph/index.ts";
import { add, leakyRelu, mul, relu, reshape, softmax } from "../../src/engine/ops/index.ts";
import { float32, tensor } from "../../src/engine/tensor/index.ts";
import { evaluateReference, referenceTensor } from "../reference/evaluate.ts";
import { uniform } from "../support/op-cases.ts";

const x = input("x", "float32", [2, 3]);

function graphOf(...values: readonly Value[]): Graph {
  const outputs = values.map((value, i) => ({ name: `y${i}`, value }));
  return { name: "graph", inputs: [x], outputs };
}

/** Number of values besides inputs and constants. */
function nodeCount(graph: Graph): number {
  return valuesOf(graph).filter(({ op }) => op !== "input" && op !== "constant").length;
}

describe("shareCommonValues", () => {
  it("keeps one of equal values, and what follows from them", () => {
    const before = graphOf(mul(relu(add(x, 1)), softmax(x)), relu(add(x, 1)), add(x, 2));
    expect(printGraph(before)).toBe(`graph(x: float32[2, 3]) → y0, y1, y2
  %0 = constant(value=float32[]{1}) : float32[]
  %1 = add(x, %0) : float32[2, 3]
  %2 = relu(%1) : float32[2, 3]
  %3 = softmax(x, axis=1) : float32[2, 3]
  %4 = mul(%2, %3) : float32[2, 3]
  %5 = constant(value=float32[]{1}) : float32[]
  %6 = add(x, %5) : float32[2, 3]
  %7 = relu(%6) : float32[2, 3]
  %8 = constant(value=float32[]{2}) : float32[]
  %9 = add(x, %8) : float32[2, 3]
  y0 = %4
  y1 = %7
  y2 = %9
`);
    expect(printGraph(shareCommonValues(before))).toBe(`graph(x: float32[2, 3]) → y0, y1, y2
  %0 = constant(value=float32[]{1}) : float32[]
  %1 = add(x, %0) : float32[2, 3]
  %2 = relu(%1) : float32[2, 3]
  %3 = softmax(x, axis=1) : float32[2, 3]
  %4 = mul(%2, %3) : float32[2, 3]
  %5 = constant(value=float32[]{2}) : float32[]
  %6 = add(x, %5) : float32[2, 3]
  y0 = %4
  y1 = %2
  y2 = %6
`);
  });

  it("leaves a graph without repetition as it is", () => {
    const graph = graphOf(mul(relu(x), softmax(x)));
    expect(shareCommonValues(graph).outputs[0]!.value).toBe(graph.outputs[0]!.value);
  });

  it("shares between two losses and their derivatives, and computes the same", () => {
    const teacher = input("teacher", "float32", [2, 3]);
    const options = { temperature: 2 };
    const loss = add(softTargetLoss(x, teacher, options), reverseKlLoss(x, teacher, options));
    const before: Graph = {
      ...graphOf(loss, ...gradients(loss, [x])),
      inputs: [x, teacher],
    };
    const after = shareCommonValues(before);
    expect(nodeCount(after)).toBeLessThan(nodeCount(before));
    const feeds = {
      x: referenceTensor(uniform([2, 3], -3, 3, 1)),
      teacher: referenceTensor(uniform([2, 3], -3, 3, 2)),
    };
    // same operations on same operands
    expect(evaluateReference(after, feeds)).toEqual(evaluateReference(before, feeds));
  });

  const data = new Float32Array(2048).fill(1);
  const big = (shape: readonly number[]): Value => constant(tensor("float32", shape, data));
  const limited = (attrs: Attrs): Value => makeNode("clip", [x], attrs, x);
  it.each([
    [
      "attributes that JSON writes alike",
      graphOf(
        limited({ min: -Infinity }),
        limited({ min: Infinity }),
        limited({ min: Number.NaN }),
      ),
      3,
    ],
    ["slopes of 0 and −0", graphOf(leakyRelu(x, 0), leakyRelu(x, -0)), 2],
    ["shapes", graphOf(reshape(x, [3, 2]), reshape(x, [6])), 2],
    ["operators", graphOf(relu(x), softmax(x)), 2],
    ["operands", graphOf(add(x, relu(x)), add(relu(x), x)), 3],
  ] as const)("keeps apart what differs in %s", (_, graph, nodes) => {
    expect(nodeCount(shareCommonValues(graph))).toBe(nodes);
  });

  it("keeps apart large constants that view the same numbers in other shapes", () => {
    const graph = graphOf(big([2048]), big([32, 64]), big([2048]));
    const [flat, square, again] = shareCommonValues(graph).outputs;
    expect(square!.value.shape).toEqual([32, 64]);
    expect(again!.value).toBe(flat!.value);
  });

  it("compares small constants by content and dtype", () => {
    const one = constant(float32([2], [1, 2]));
    const other = constant(float32([2], [1, 2]));
    const integers = constant(tensor("int32", [2], Int32Array.of(1, 2)));
    const [a, b, c] = shareCommonValues(graphOf(one, other, integers)).outputs;
    expect(b!.value).toBe(a!.value);
    expect(c!.value).not.toBe(a!.value);
  });
});
