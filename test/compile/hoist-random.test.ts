/**
 * @file The pass that feeds random numbers instead of computing them: text before and after, the
 * same numbers bit for bit, what it leaves.
 */

import { describe, expect, it } from "vitest";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { hoistRandom } from "../../src/engine/compile/index.ts";
import {
  type Graph,
  input,
  printGraph,
  type Value,
  verifyGraph,
} from "../../src/engine/graph/index.ts";
import {
  add,
  dropout,
  hashUniform,
  hashUniformValues,
  mul,
  reduceSum,
  reshape,
} from "../../src/engine/ops/index.ts";
import { type Tensor, tensor, zeros } from "../../src/engine/tensor/index.ts";
import { evaluateReference, referenceTensor } from "../reference/evaluate.ts";
import { uniform } from "../support/op-cases.ts";
import { runGraph } from "../support/run-graph.ts";

const x = input("x", "float32", [2, 3]);
const seed = input("seed", "uint32", []);
const other = input("other", "uint32", []);

function graphOf(...values: readonly Value[]): Graph {
  const outputs = values.map((value, i) => ({ name: `y${i}`, value }));
  return { name: "graph", inputs: [x, seed, other], outputs };
}

/** What the pass's caller feeds for the new inputs. */
function fedRandom(
  hoisted: ReturnType<typeof hoistRandom>["hoisted"],
  feeds: Readonly<Record<string, Tensor>>,
): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(
    hoisted.map(({ name, seed: from, stream, shape }) => {
      const random = zeros("float32", shape);
      hashUniformValues(Number(feeds[from]!.data[0]), stream, random.data);
      return [name, random];
    }),
  );
}

describe("hoistRandom", () => {
  it("makes an input of every random tensor, and says from which seed and stream it comes", () => {
    const first = hashUniform(seed, { shape: [2, 3], stream: 4 });
    const second = hashUniform(other, { shape: [], stream: 0 });
    const before = graphOf(mul(x, first), add(mul(first, 2), second));
    expect(
      printGraph(before),
    ).toBe(`graph(x: float32[2, 3], seed: uint32[], other: uint32[]) → y0, y1
  %0 = hashUniform(seed, shape=[2, 3], stream=4) : float32[2, 3]
  %1 = mul(x, %0) : float32[2, 3]
  %2 = constant(value=float32[]{2}) : float32[]
  %3 = mul(%0, %2) : float32[2, 3]
  %4 = hashUniform(other, shape=[], stream=0) : float32[]
  %5 = add(%3, %4) : float32[2, 3]
  y0 = %1
  y1 = %5
`);
    const { graph, hoisted } = hoistRandom(before);
    expect(
      printGraph(graph),
    ).toBe(`graph(x: float32[2, 3], seed: uint32[], other: uint32[], random 0: float32[2, 3], random 1: float32[]) → y0, y1
  %0 = mul(x, random 0) : float32[2, 3]
  %1 = constant(value=float32[]{2}) : float32[]
  %2 = mul(random 0, %1) : float32[2, 3]
  %3 = add(%2, random 1) : float32[2, 3]
  y0 = %0
  y1 = %3
`);
    expect(hoisted).toEqual([
      { name: "random 0", seed: "seed", stream: 4, shape: [2, 3] },
      { name: "random 1", seed: "other", stream: 0, shape: [] },
    ]);
    verifyGraph(graph);
  });

  it("computes the same bits, dropout's derivative too, in float64 and in ONNX Runtime", async () => {
    const dropped = dropout(dropout(x, { rate: 0.4, seed, stream: 1 }), {
      rate: 0.2,
      seed: other,
      stream: 1,
    });
    const loss = reduceSum(mul(dropped, dropped));
    const before = graphOf(loss, ...gradients(loss, [x]));
    const { graph, hoisted } = hoistRandom(before);
    expect(hoisted.length).toBe(2);
    const feeds = {
      x: uniform([2, 3], -1, 1),
      seed: tensor("uint32", [], Uint32Array.of(7)),
      other: tensor("uint32", [], Uint32Array.of(4_000_000_000)),
    };
    const fed = { ...feeds, ...fedRandom(hoisted, feeds) };
    const inDoubles = (tensors: Readonly<Record<string, Tensor>>) =>
      Object.fromEntries(
        Object.entries(tensors).map(([name, value]) => [name, referenceTensor(value)]),
      );
    // the same operations on the same numbers: nothing is rounded otherwise
    expect(evaluateReference(graph, inDoubles(fed))).toEqual(
      evaluateReference(before, inDoubles(feeds)),
    );
    expect(await runGraph(graph, fed)).toEqual(await runGraph(before, feeds));
  });

  it.each([
    ["a graph without random numbers", graphOf(add(x, 1))],
    [
      "random numbers from a computed seed",
      graphOf(hashUniform(reshape(reshape(seed, [1]), []), { shape: [2], stream: 0 })),
    ],
  ] as const)("leaves %s alone", (_, graph) => {
    const after = hoistRandom(graph);
    expect(printGraph(after.graph)).toBe(printGraph(graph));
    expect(after.hoisted).toEqual([]);
  });
});
