import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { input, printGraph, type Value } from "../../src/engine/graph/index.ts";
import { importOnnx } from "../../src/engine/import/index.ts";
import {
  type OnnxGraph,
  type OnnxNode,
  type OnnxValueInfo,
  writeOnnx,
} from "../../src/engine/onnx/index.ts";
import { cast, mul, transpose } from "../../src/engine/ops/index.ts";
import { float32, type Tensor } from "../../src/engine/tensor/index.ts";

interface Parts {
  readonly opset?: number;
  readonly x?: OnnxValueInfo;
  readonly constants?: Readonly<Record<string, Tensor>>;
}

const image: OnnxValueInfo = { name: "x", dtype: "float32", shape: ["n", 2, 6, 6] };

function model(
  nodes: readonly Partial<OnnxNode>[],
  { opset = 17, x = image, constants = {} }: Parts = {},
) {
  const graph: OnnxGraph = {
    name: "net",
    nodes: nodes.map((node) => ({
      type: "",
      domain: "",
      inputs: ["x"],
      outputs: ["y"],
      attrs: {},
      ...node,
    })),
    inputs: [x],
    outputs: [{ name: "y", dtype: "float32", shape: undefined }],
    initializers: Object.entries(constants).map(([name, value]) => ({ name, value })),
  };
  return writeOnnx({ opset, graph, metadata: {} });
}

const load = (...parts: Parameters<typeof model>) => importOnnx(model(...parts), "net.onnx");
const int64 = (...values: readonly number[]): Tensor => ({
  dtype: "int64",
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

describe("what has no form is refused by node and operator, with what to take instead", () => {
  test.each([
    ["LSTM", "Use GRU, or convolutions over time"],
    ["QuantizeLinear", "The model is quantised already: give the float model"],
    ["ConvTranspose", "Use Conv with strides"],
    ["Loop", "Export a model without branches and loops"],
    ["NewestOperator", "Use other operators"],
  ])("%s", (type, advice) => {
    const text = `net.onnx, node "/body/it" (${type}): the operator has no form here, got ${type}. ${advice}`;
    const run = () => load([{ type, name: "/body/it" }]);
    expect(run).toThrow(expect.objectContaining({ code: "import/unsupported" }));
    expect(run).toThrow(text);
    expect(run).toThrow("Supported: Abs, Add, ArgMax, AveragePool");
  });

  test("an operator of another domain, and a node without a name", () => {
    expect(() => load([{ type: "Relu", domain: "com.acme" }])).toThrow(
      'net.onnx, node "y" (Relu): the operator has no form here, got com.acme.Relu',
    );
  });

  test.each<[string, Partial<OnnxNode>, string]>([
    [
      "ceil_mode",
      { type: "MaxPool", attrs: { kernel_shape: [4n, 4n], strides: [4n, 4n], ceil_mode: 1n } },
      "ceil_mode with windows that reach beyond",
    ],
    [
      "auto_pad",
      { type: "AveragePool", attrs: { kernel_shape: [2n, 2n], auto_pad: "SAME_LOWER" } },
      "auto_pad must be SAME_UPPER or VALID",
    ],
    ["old softmax", { type: "Softmax", attrs: { axis: 1n } }, "Export with opset 13 or newer"],
    [
      "reflecting border",
      { type: "Pad", attrs: { mode: "reflect", pads: [0n, 0n, 1n, 1n, 0n, 0n, 1n, 1n] } },
      "the border must be constant, got reflect",
    ],
    ["missing operand", { type: "Add" }, "Add needs operand 2"],
    ["unknown operand", { type: "Relu", inputs: ["z"] }, 'must be made before it is read, got "z"'],
    [
      "shape of something computed",
      { type: "Reshape", inputs: ["x", "x"] },
      "the new shape must be known before the model runs",
    ],
    [
      "operands that do not fit",
      { type: "MatMul", inputs: ["x", "w"] },
      "the operator refuses its operands",
    ],
  ])("%s", (_, node, text) => {
    const constants = { w: float32([5, 3], new Float32Array(15)) };
    expect(() => load([node], { opset: 11, constants })).toThrow(text);
  });

  test("a batch that samples share", () => {
    const constants = { shape: int64(2, 36) };
    expect(() => load([{ type: "Reshape", inputs: ["x", "shape"] }], { constants })).not.toThrow();
    const wrong = { shape: int64(5, -1) };
    expect(() => load([{ type: "Reshape", inputs: ["x", "shape"] }], { constants: wrong })).toThrow(
      "must hold the 72 elements of one sample, got [5, -1]",
    );
  });
});

test("operator sets and inputs", () => {
  for (const opset of [10, 22])
    expect(() => load([{ type: "Relu" }], { opset })).toThrow(
      `the operator set must be from 11 to 21, got ${opset}`,
    );
  for (const opset of [11, 21]) expect(() => load([{ type: "Relu" }], { opset })).not.toThrow();
  const free = { ...image, shape: ["n", 2, "height", 6] };
  expect(() => load([{ type: "Relu" }], { x: free })).toThrow(
    'input "x": every size but the batch, the first, must be fixed, got [n, 2, height, 6]',
  );
});

test("a batch size that is fixed becomes 1, in reshapes too", () => {
  const x = { ...image, shape: [8, 2, 6, 6] };
  const constants = { shape: int64(8, 72) };
  const graph = load([{ type: "Reshape", inputs: ["x", "shape"] }], { x, constants });
  expect(graph.inputs[0]!.shape).toEqual([1, 2, 6, 6]);
  expect(graph.outputs[0]!.value.shape).toEqual([1, 72]);
});

describe("forms that int8 targets take", () => {
  const kernel = float32([3, 2, 3, 3], new Float32Array(54).fill(0.5));

  test("a border of zeros becomes padding, a constant per channel a normalisation, each with its node's name", () => {
    const border = int64(0, 0, 1, 0, 0, 0, 2, 1);
    const gain = float32([3, 1, 1], [1, 2, 3]);
    const graph = load(
      [
        { type: "Pad", inputs: ["x", "border"], outputs: ["padded"] },
        { type: "Conv", name: "/stem/conv", inputs: ["padded", "kernel"], outputs: ["conv"] },
        { type: "Mul", name: "/stem/scale", inputs: ["conv", "gain"], outputs: ["y"] },
      ],
      { constants: { border, kernel, gain } },
    );
    const scaled = graph.outputs[0]!.value;
    const [conv] = scaled.inputs;
    expect([scaled.op, scaled.origin]).toEqual(["batchNormalization", "stem/scale"]);
    expect([conv!.op, conv!.origin]).toEqual(["conv2d", "stem/conv"]);
    expect(conv!.attrs.padding).toEqual([1, 0, 2, 1]);
    expect(conv!.inputs[0]!.op).toBe("input");
  });

  test("a product and a sum are one dense layer", () => {
    const x = { ...image, shape: ["n", 4] };
    const constants = { w: float32([4, 2], new Float32Array(8)), b: float32([2], [1, 2]) };
    const { outputs } = load(
      [
        { type: "MatMul", inputs: ["x", "w"], outputs: ["p"] },
        { type: "Add", inputs: ["b", "p"] },
      ],
      { x, constants },
    );
    expect([outputs[0]!.value.op, outputs[0]!.value.inputs.length]).toEqual(["gemm", 3]);
  });

  test("moved axes in front of a dense layer are moved in its kernel", () => {
    const file = new URL("../golden/import/channels-last.onnx", import.meta.url);
    const feed = (name: string): Value =>
      transpose(mul(cast(input(name, "uint8", [1, 2, 6, 5]), "float32"), 1 / 255), [0, 2, 3, 1]);
    const graph = importOnnx(readFileSync(file), "channels-last.onnx", { feed });
    expect(graph.inputs).toHaveLength(1);
    expect(printGraph(graph)).not.toContain("transpose");
  });
});
