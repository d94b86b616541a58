/** @file Samples as a foreign model gets them: rounded as a graph rounds, integers as they are. */

import { expect, test } from "vitest";
import { type OnnxGraph, withFront, writeOnnx } from "../../engine/onnx/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import { preprocessOnHost } from "./host-preprocessing.ts";
import { onnxInput } from "./onnx-input.ts";

const { fround } = Math;

test.each([
  ["uint8", Uint8Array.of(0, 1, 128, 255)],
  ["float32", Float32Array.of(0.1, -3.7, 1e-30, 1e30)],
  ["int32", Int32Array.of(7, -7, 2 ** 24 + 1, -(2 ** 31))],
])("%s: x · scale + offset, each operation rounded to float32", (_, x) => {
  const [scale, offset] = [1 / 3, -0.7];
  const y = preprocessOnHost(x, { scale, offset });
  const expected = Array.from(x, (value) =>
    fround(fround(fround(value) * fround(scale)) + fround(offset)),
  );
  expect([...y]).toEqual(expected);
});

test("what needs nothing is given as it is", () => {
  const x = Float32Array.of(1, 2);
  expect(preprocessOnHost(x, { scale: 1, offset: 0 })).toBe(x);
  expect(preprocessOnHost(x, { scale: 1, offset: 1 })).toEqual(Float32Array.of(2, 3));
  expect(preprocessOnHost(Uint8Array.of(3), { scale: 1, offset: 0 })).toEqual(Float32Array.of(3));
});

test("token ids for an int64 input", () => {
  const graph: OnnxGraph = {
    name: "ids",
    inputs: [{ name: "ids", dtype: "int64", shape: ["N", 3] }],
    outputs: [],
    initializers: [],
    nodes: [],
  };
  const dataset = { dtype: "int32", shape: [3], preprocessing: { scale: 1, offset: 0 } } as const;
  const model = { opset: 17, graph, metadata: {} };
  const { feed } = onnxInput(model, { file: "ids.onnx", dataset });
  expect(feed(Int32Array.of(5, 0, -1, 2, 9, 2 ** 31 - 1))).toEqual({
    dtype: "int64",
    shape: [2, 3],
    data: BigInt64Array.of(5n, 0n, -1n, 2n, 9n, 2147483647n),
  });
});

test("bytes for a float32 input: the runtime makes the numbers that the host makes", async () => {
  const taken = "potstill/stored"; // a name that the file has already
  const node = (type: string, from: string, to: string) => {
    return { type, domain: "", inputs: [from], outputs: [to], attrs: {} };
  };
  const graph: OnnxGraph = {
    name: "pixels",
    inputs: [{ name: "x", dtype: "float32", shape: ["N", 256] }],
    outputs: [{ name: "y", dtype: "float32", shape: ["N", 256] }],
    initializers: [],
    nodes: [node("Identity", "x", taken), node("Identity", taken, "y")],
  };
  const model = { opset: 17, graph, metadata: {} };
  const preprocessing = { scale: 1 / 3, offset: -0.7 };
  const dataset = { dtype: "uint8", shape: [256], preprocessing } as const;
  const { name, front, feed } = onnxInput(model, { file: "pixels.onnx", dataset });
  const bytes = Uint8Array.from({ length: 512 }, (_, at) => at);
  expect(feed(bytes)).toEqual({ dtype: "uint8", shape: [2, 256], data: bytes });
  const runtime = await nodeRuntime({ worker: false });
  const session = await runtime.load(withFront(writeOnnx(model), "pixels.onnx", front!));
  const { outputs } = await session.run({ [name]: feed(bytes) });
  expect(outputs.y).toEqual({
    dtype: "float32",
    shape: [2, 256],
    data: preprocessOnHost(bytes, preprocessing),
  });
  await runtime.close();
  const old = onnxInput({ ...model, opset: 6 }, { file: "pixels.onnx", dataset });
  expect(old).toMatchObject({ name: "x", front: null }); // which cannot multiply by one number
  expect(old.feed(bytes).dtype).toBe("float32");
});
