import { expect, test } from "vitest";
import { readOnnx, writeOnnx } from "../../../engine/onnx/index.ts";
import { nodeRuntime } from "../../../engine/runtime/node.ts";
import { float32, float32FromFloat16 } from "../../../engine/tensor/index.ts";
import { withHalfWeights } from "./half-weights.ts";

/** y = x · w for 64 weights, of which the first is given. */
const product = (first: number): Uint8Array =>
  writeOnnx({
    opset: 20,
    metadata: { kept: "yes" },
    graph: {
      name: "product",
      inputs: [{ name: "x", dtype: "float32", shape: [64] }],
      outputs: [{ name: "y", dtype: "float32", shape: [64] }],
      nodes: [{ type: "Mul", domain: "", inputs: ["x", "w"], outputs: ["y"], attrs: {} }],
      initializers: [{ name: "w", value: weights(first) }],
    },
  });
const weights = (first: number) =>
  float32([64], [first, ...Array.from({ length: 63 }, (_, at) => Math.sin(at + 1))]);

test("each weight is the nearest float16, and products are those of float32", async () => {
  const bytes = withHalfWeights(product(0.1), "product.onnx");
  const { graph, metadata } = readOnnx(bytes, "product.onnx");
  expect(metadata).toEqual({ kept: "yes" });
  expect(graph.initializers.map(({ value }) => value.dtype)).toEqual(["float16"]);
  const stored = Array.from(graph.initializers[0]!.value.data as Uint16Array, float32FromFloat16);
  for (const [at, x] of weights(0.1).data.entries())
    expect(Math.abs(stored[at]! - x)).toBeLessThanOrEqual(Math.abs(x) * 2 ** -11);
  const runtime = await nodeRuntime({ worker: false });
  const session = await runtime.load(bytes);
  const { outputs } = await session.run({ x: float32([64], new Array(64).fill(3)) });
  await session.dispose();
  await runtime.close();
  expect(Array.from(outputs.y!.data as Float32Array)).toEqual(
    stored.map((w) => Math.fround(3 * w)),
  );
});

test("a constant that float16 has no number for stays in float32", () => {
  const { graph } = readOnnx(withHalfWeights(product(70_000), "product.onnx"), "product.onnx");
  expect(graph.initializers.map(({ value }) => value.dtype)).toEqual(["float32"]);
  expect(graph.nodes).toHaveLength(1);
});
