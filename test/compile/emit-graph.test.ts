/**
 * @file What a compiled model consists of: shared constants, names that never collide, the chosen
 * forms.
 */

import { describe, expect, it } from "vitest";
import { compileGraph, onnxOpset } from "../../src/engine/compile/index.ts";
import { constant, type Graph, input, type Value } from "../../src/engine/graph/index.ts";
import { readOnnx } from "../../src/engine/onnx/index.ts";
import { add, conv2d, conv2dWeightGrad, mul, reduceSum, relu } from "../../src/engine/ops/index.ts";
import { float32 } from "../../src/engine/tensor/index.ts";
import { runGraph } from "../support/run-graph.ts";

const x = input("x", "float32", [2, 3]);

function graphOf(outputs: Readonly<Record<string, Value>>, inputs: readonly Value[] = [x]): Graph {
  return {
    name: "graph",
    inputs,
    outputs: Object.entries(outputs).map(([name, value]) => ({ name, value })),
  };
}

describe("compileGraph", () => {
  it("stores equal constants once, however they came about", () => {
    const weights = (): Value => constant(float32([3], [1, 2, 3]));
    const y = add(mul(x, weights()), add(weights(), mul(x, 2)));
    const { graph, opset } = readOnnx(compileGraph(graphOf({ y: mul(y, 2) })), "test");
    expect(opset).toBe(onnxOpset);
    expect(graph.initializers.map(({ value }) => value.shape)).toEqual([[3], []]);
  });

  it("stores equal constants of operators once: axes, limits", () => {
    const rows = add(reduceSum(x, { axes: [1] }), reduceSum(relu(x), { axes: [1] }));
    const { graph } = readOnnx(compileGraph(graphOf({ y: rows })), "test");
    expect(graph.initializers).toHaveLength(1);
  });

  it("emits equal nodes of an operator's form once", () => {
    const image = input("image", "float32", [2, 8, 6, 6]);
    const dy = input("dy", "float32", [2, 8, 6, 6]);
    const slope = conv2dWeightGrad(image, dy, [3, 3], { padding: "same" });
    const { graph } = readOnnx(compileGraph(graphOf({ slope }, [image, dy])), "test");
    const pads = graph.nodes.filter(({ type }) => type === "Pad");
    // nine taps share two moved images and two moved gradients
    expect(pads).toHaveLength(4);
  });

  it("emits nothing that the outputs do not need", () => {
    const { graph } = readOnnx(compileGraph(graphOf({ y: relu(x) })), "test");
    expect(graph.nodes.map(({ type }) => type)).toEqual(["Relu", "Identity"]);
  });

  it("generates names that no input and no output has", async () => {
    const names = ["v0", "v1", "c0", "c1"] as const;
    const inputs = names.map((name) => input(name, "float32", [2]));
    const sum = inputs.reduce((total, value) => add(total, mul(value, 10)));
    const outputs = { v2: relu(sum), c2: add(sum, 0.5) };
    const feeds = Object.fromEntries(names.map((name, i) => [name, float32([2], [i, -i])]));
    const result = await runGraph(graphOf(outputs, inputs), feeds);
    expect([...(result.v2!.data as Float32Array)]).toEqual([60, 0]); // float32 as declared
    expect([...(result.c2!.data as Float32Array)]).toEqual([60.5, -59.5]);
  });

  it("passes an input on as an output, also twice", async () => {
    const result = await runGraph(graphOf({ same: x, again: x }), {
      x: float32([2, 3], [1, 2, 3, 4, 5, 6]),
    });
    expect(result.same!.data).toEqual(result.again!.data);
  });

  it("gives the batch a name, and then takes any size of it", async () => {
    const y = relu(add(x, constant(float32([3], [0, 0, -10]))));
    const result = await runGraph(
      graphOf({ y }),
      { x: float32([1, 3], [1, -1, 11]) },
      { batchAxis: "batch" },
    );
    expect(result.y!.shape).toEqual([1, 3]);
    expect([...(result.y!.data as Float32Array)]).toEqual([1, 0, 1]); // float32 as declared
  });

  it("keeps metadata", () => {
    const metadata = { classes: '["a","b"]', made: "here" };
    expect(readOnnx(compileGraph(graphOf({ y: x }), { metadata }), "test").metadata).toEqual(
      metadata,
    );
  });

  it("refuses a form that the operator does not have", () => {
    const image = input("image", "float32", [1, 1, 4, 4]);
    const kernel = input("kernel", "float32", [1, 1, 3, 3]);
    const graph = graphOf({ y: reduceSum(conv2d(image, kernel)) }, [image, kernel]);
    expect(() => compileGraph(graph, { forms: { reduceSum: "fast" } })).toThrow(
      expect.objectContaining({ code: "config/unknown-name" }),
    );
  });

  it("refuses a graph that is not well formed", () => {
    expect(() => compileGraph(graphOf({ x: relu(x) }))).toThrow(
      expect.objectContaining({ code: "graph/invalid" }),
    );
  });
});
