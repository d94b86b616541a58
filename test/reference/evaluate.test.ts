/** @file The reference runtime: feeds, refusals, and what it makes of each dtype. */

import { describe, expect, it } from "vitest";
import { constant, input, makeNode } from "../../src/engine/graph/index.ts";
import { add, exp, mul } from "../../src/engine/ops/index.ts";
import { float16FromFloat32, scalar, tensor } from "../../src/engine/tensor/index.ts";
import { evaluateReference, evaluateValues, referenceTensor } from "./evaluate.ts";

const x = input("x", "float32", [2]);
const pair = (a: number, b: number) => ({ shape: [2], data: Float64Array.of(a, b) });

it("evaluates a graph by the names of its inputs and outputs, in float64", () => {
  const y = input("y", "float32", []);
  const outputs = [
    { name: "product", value: mul(x, y) },
    { name: "power", value: exp(mul(x, y)) },
  ];
  const graph = { name: "g", inputs: [x, y], outputs };
  const feeds = { x: pair(1, 2), y: { shape: [], data: Float64Array.of(0.1) } };
  const { product, power } = evaluateReference(graph, feeds);
  expect([...product!.data]).toEqual([0.1, 0.2]);
  expect([...power!.data]).toEqual([Math.exp(0.1), Math.exp(0.2)]);
});

it("does not recurse: a chain of 20,000 nodes", () => {
  let value = x;
  for (let i = 0; i < 20_000; i++) value = add(value, 1);
  expect([...evaluateValues([value], new Map([[x, pair(0, 1)]]))[0]!.data]).toEqual([
    20_000, 20_001,
  ]);
});

describe("refuses", () => {
  it("a placeholder without feed", () => {
    expect(() =>
      evaluateReference({ name: "g", inputs: [x], outputs: [{ name: "y", value: exp(x) }] }, {}),
    ).toThrow(
      'evaluateReference: every input needs a tensor, but "x" has none. Feed it under its name.',
    );
  });

  it("a feed of another shape", () => {
    const three = { shape: [3], data: new Float64Array(3) };
    expect(() => evaluateValues([exp(x)], new Map([[x, three]]))).toThrow(
      'reference evaluation of input "x": the tensor must have the graph\'s shape [2], got [3] with 3 elements.',
    );
  });

  it("an operator that does not exist", () => {
    const node = makeNode("nonsense", [], {}, { dtype: "float32", shape: [] });
    expect(() => evaluateValues([node], new Map())).toThrow(
      'evaluateReference: no operator is named "nonsense".',
    );
  });
});

it("reads float16 bits, int64 and constants as numbers", () => {
  const half = tensor("float16", [1], Uint16Array.of(float16FromFloat32(-1.5)));
  expect([...referenceTensor(half).data]).toEqual([-1.5]);
  expect([...referenceTensor(tensor("int64", [1], BigInt64Array.of(-7n))).data]).toEqual([-7]);
  expect(evaluateValues([constant(scalar("bool", 1))], new Map())[0]!.data[0]).toBe(1);
});
