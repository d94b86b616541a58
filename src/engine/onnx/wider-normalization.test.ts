/** @file Which normalisations get three axes. */

import { expect, test } from "vitest";
import { float32 } from "../tensor/index.ts";
import type { OnnxNode } from "./model.ts";
import { readOnnx } from "./read.ts";
import { withWiderNormalization } from "./wider-normalization.ts";
import { writeOnnx } from "./write.ts";

const parts = ["scale", "bias", "mean", "variance"];

function modelOf(first: string): Uint8Array {
  const node = (type: string, inputs: readonly string[], output: string): OnnxNode => {
    return { type, domain: "", inputs, outputs: [output], attrs: {} };
  };
  return writeOnnx({
    opset: 18,
    metadata: { kept: "yes" },
    graph: {
      name: "g",
      nodes: [
        node(first, ["x", "kernel"], "hidden"),
        node("BatchNormalization", ["hidden", ...parts], "y"),
      ],
      initializers: parts.map((name) => ({ name, value: float32([2], [1, 2]) })),
      inputs: ["x", "kernel"].map((name) => ({ name, dtype: "float32", shape: [2, 2] })),
      outputs: [{ name: "y", dtype: "float32", shape: ["N", 2] }],
    },
  });
}

test("one behind a product, with its result under the old name", () => {
  const { graph, metadata } = readOnnx(withWiderNormalization(modelOf("MatMul"), "g"), "g");
  expect(graph.nodes.map(({ type }) => type)).toEqual([
    ...["MatMul", "Shape", "Reshape", "BatchNormalization", "Reshape"],
  ]);
  expect(graph.nodes.at(-1)!.outputs).toEqual(["y"]);
  expect(graph.nodes[3]!.inputs.slice(1)).toEqual(parts);
  expect(metadata).toEqual({ kept: "yes" });
});

test("none behind a convolution: the bytes stay", () => {
  const bytes = modelOf("Conv");
  expect(withWiderNormalization(bytes, "g")).toBe(bytes);
});
