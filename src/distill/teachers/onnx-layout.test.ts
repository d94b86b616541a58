/** @file Images whose free sizes fit channels first and last: which it is, or must be said. */

import { expect, test } from "vitest";
import { type OnnxDim, type OnnxNode, readOnnx, writeOnnx } from "../../engine/onnx/index.ts";
import { tensor } from "../../engine/tensor/index.ts";
import { type InputLayout, onnxInput } from "./onnx-input.ts";
import { node } from "./onnx-model.cases.ts";

interface Given {
  readonly nodes: readonly OnnxNode[];
  readonly dims?: readonly OnnxDim[] | undefined;
  readonly shape?: readonly number[];
  readonly layout?: InputLayout;
}

const free = ["N", "H", "W", "C"];

/** @returns the shape that two samples are fed in */
function fed({ nodes, dims = free, shape = [3, 8, 8], layout }: Given): readonly number[] {
  const value = tensor("float32", [1], Float32Array.of(2));
  const inputs = [{ name: "x", dtype: "float32", shape: dims } as const];
  const graph = { name: "g", inputs, outputs: [], nodes, initializers: [{ name: "two", value }] };
  const model = readOnnx(writeOnnx({ opset: 18, metadata: {}, graph }), "t.onnx");
  const dataset = { dtype: "uint8", shape, preprocessing: { scale: 1, offset: 0 } } as const;
  const input = onnxInput(model, { file: "t.onnx", dataset, ...(layout && { layout }) });
  const size = shape.reduce((product, length) => product * length, 1);
  return input.feed(new Uint8Array(2 * size)).shape;
}

const scaled = node("Mul", ["x", "two"], "scaled");
const conv = node("Conv", ["scaled", "K"], "y");
const turned = node("Transpose", ["scaled"], "y", { perm: [0n, 3n, 1n, 2n] });
const flat = node("Flatten", ["x"], "y");

test.each<[string, Given, readonly number[]]>([
  ["a convolution has channels first", { nodes: [scaled, conv] }, [2, 3, 8, 8]],
  ["a size that is known decides", { nodes: [flat], dims: ["N", 3, "h", "w"] }, [2, 3, 8, 8]],
  ["one channel, flattened", { nodes: [flat], shape: [1, 8, 8] }, [2, 1, 8, 8]],
  ["layout: nchw", { nodes: [flat], layout: "nchw" }, [2, 3, 8, 8]],
  ["layout: nhwc", { nodes: [scaled, turned], layout: "nhwc" }, [2, 8, 8, 3]],
  ["no image", { nodes: [flat], dims: ["N", "a", "b"], shape: [4, 5] }, [2, 4, 5]],
])("fed: %s", (_, given, shape) => {
  expect(fed(given)).toEqual(shape);
});

test.each<[string, Given, RegExp]>([
  ["channels last", { nodes: [scaled, turned] }, /has channels last: add `layout: nhwc` to the/],
  ["not to be seen", { nodes: [flat] }, /Add `layout: nchw` \(channels first\) or `layout: nhwc`/],
  ["no node", { nodes: [] }, /got \[N, H, W, C\]\. Add `layout: nchw`/],
])("refused: %s", (_, given, message) => {
  expect(() => fed(given)).toThrowError(
    expect.objectContaining({
      code: "teacher/input-shape",
      message: expect.stringMatching(message),
    }),
  );
});

test("refused: no shape at all", () => {
  expect(() => fed({ nodes: [flat], dims: undefined })).toThrowError(/Add `layout: nchw`/);
});
