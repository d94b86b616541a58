/** @file Samples as a foreign model gets them: rounded as a graph rounds, integers as they are. */

import { expect, test } from "vitest";
import type { OnnxGraph } from "../../onnx/index.ts";
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
  const { feed } = onnxInput(graph, { file: "ids.onnx", dataset });
  expect(feed(Int32Array.of(5, 0, -1, 2, 9, 2 ** 31 - 1))).toEqual({
    dtype: "int64",
    shape: [2, 3],
    data: BigInt64Array.of(5n, 0n, -1n, 2n, 9n, 2147483647n),
  });
});
