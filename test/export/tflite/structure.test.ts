import { describe, expect, test } from "vitest";
import { exportTflite } from "../../../src/device/export/index.ts";
import type { QuantizedGraph } from "../../../src/device/quantize/index.ts";
import { randomLayer } from "../../support/random-layers.ts";
import { readFlatbuffer } from "../../support/read-flatbuffer.ts";
import { tfliteText } from "../../support/tflite-text.ts";

const window = { kernel: [3, 3], strides: [2, 2], dilations: [1, 1] } as const;
const image = { dtype: "int8", scale: 0.5, zeroPoint: -128 } as const;

/** an image of 2 channels → a convolution with padding all around → mean → relu6 → 3 classes */
const small: QuantizedGraph = {
  name: "small",
  sample: { dtype: "uint8", scale: 0.5, offset: 0 },
  input: 0,
  output: 3,
  tensors: [
    { ...image, name: "input", shape: [2, 4, 4] },
    { ...image, name: "conv", shape: [3, 2, 2], scale: 0.25 },
    { ...image, name: "mean", shape: [3, 1, 1], scale: 0.25 },
    { ...image, name: "logits", shape: [2], scale: 0.125, zeroPoint: 3 },
  ],
  layers: [
    {
      ...window,
      kind: "conv2d",
      name: "conv",
      inputs: [0],
      output: 1,
      padding: [1, 1, 1, 1],
      weights: Int8Array.from({ length: 54 }, (_, at) => at),
      weightScales: Float32Array.of(0.5, 0.25, 0.125),
      bias: Int32Array.of(1, -2, 3),
      multipliers: Float64Array.of(1, 0.5, 0.25),
      clamp: { min: -128, max: -104 },
    },
    {
      ...window,
      kind: "averagePool",
      name: "mean",
      inputs: [1],
      output: 2,
      kernel: [2, 2],
      padding: [0, 0, 0, 0],
      clamp: { min: -128, max: 127 },
    },
    {
      kind: "dense",
      name: "logits",
      inputs: [2],
      output: 3,
      weights: Int8Array.of(1, 2, 3, -4, -5, -6),
      weightScales: Float32Array.of(0.5),
      bias: Int32Array.of(7, -8),
      multipliers: Float64Array.of(1),
      clamp: { min: -128, max: 127 },
    },
  ],
};

test("the file, read back", () => {
  const file = exportTflite(small, { modelHash: "0123abcd" });
  expect(tfliteText(readFlatbuffer(file))).toMatchInlineSnapshot(`
    "version 3
    description small: int8, written by Potstill; model 0123abcd
    code 34 (34) version 2
    code 3 (3) version 3
    code 1 (1) version 2
    code 22 (22) version 1
    code 9 (9) version 4
    subgraph main: 0 -> 11
      0 input: type 9 [1,4,4,2] {"scale":[0.5],"zeroPoint":[-128]}
      1 conv/padded: type 9 [1,6,6,2] {"scale":[0.5],"zeroPoint":[-128]}
      2 conv/padding: type 2 [4,2] = 32 bytes
      3 conv/weights: type 9 [3,3,3,2] {"scale":[0.5,0.25,0.125],"zeroPoint":[0,0,0]} = 54 bytes
      4 conv/bias: type 2 [3] {"scale":[0.25,0.125,0.0625],"zeroPoint":[0,0,0]} = 12 bytes
      5 conv: type 9 [1,2,2,3] {"scale":[0.25],"zeroPoint":[-128]}
      6 mean: type 9 [1,1,1,3] {"scale":[0.25],"zeroPoint":[-128]}
      7 mean as 1x3: type 9 [1,3] {"scale":[0.25],"zeroPoint":[-128]}
      8 mean/shape: type 2 [2] = 8 bytes
      9 logits/weights: type 9 [2,3] {"scale":[0.5],"zeroPoint":[0]} = 6 bytes
      10 logits/bias: type 2 [2] {"scale":[0.125],"zeroPoint":[0]} = 8 bytes
      11 logits: type 9 [1,2] {"scale":[0.125],"zeroPoint":[3]}
      code 34: 0,2 -> 1 PadOptions {}
      code 3: 1,3,4 -> 5 Conv2DOptions {"padding":1,"strideWidth":2,"strideHeight":2,"activation":3}
      code 1: 5 -> 6 Pool2DOptions {"padding":1,"strideWidth":2,"strideHeight":2,"filterWidth":2,"filterHeight":2}
      code 22: 6,8 -> 7 ReshapeOptions {"newShape":[1,3]}
      code 9: 7,9,10 -> 11 FullyConnectedOptions {}
    signature serving_default: [{"name":"input"}] -> [{"name":"output","tensorIndex":11}]
    metadata min_runtime_version: 1.14.0"
  `);
});

describe("the bytes", () => {
  const file = exportTflite(small);

  test("carry the identifier, and buffers at multiples of 16", () => {
    expect(new TextDecoder().decode(file.subarray(4, 8))).toBe("TFL3");
    const text = Buffer.from(file);
    for (const { data } of readFlatbuffer(file).buffers!) {
      if (data === undefined || data.length < 16) continue;
      expect(text.indexOf(Buffer.from(data)) % 16).toBe(0);
    }
  });

  test("are the same for the same network, and name its weights by hash", () => {
    expect(exportTflite(small)).toEqual(file);
    const [conv, ...rest] = small.layers;
    const bias = Int32Array.of(1, -2, 4);
    const other = { ...small, layers: [{ ...conv!, bias }, ...rest] } as QuantizedGraph; // conv has a bias
    expect(readFlatbuffer(exportTflite(other)).description).not.toBe(
      readFlatbuffer(file).description,
    );
  });

  test("a file of another kind is refused", () => {
    expect(() => readFlatbuffer(new Uint8Array(64))).toThrow(
      expect.objectContaining({ code: "export/tflite" }),
    );
  });
});

describe("what the format cannot hold is refused by the layer's name", () => {
  test("a mean over padding of its own", () => {
    const pool = { ...small.layers[1]!, padding: [1, 0, 0, 0] };
    const layers = [small.layers[0]!, pool];
    const graph = { ...small, output: 2, layers } as QuantizedGraph; // still a pool
    expect(() => exportTflite(graph)).toThrowErrorMatchingInlineSnapshot(
      `[ExportError: mean: TensorFlow Lite's average pooling pads as SAME or not at all, got padding 1, 0, 0, 0 of a 2x2 window. Pool without padding, with same padding, or export C.]`,
    );
  });

  test("multipliers that XNNPACK does not take", () => {
    const dense = { ...small.layers[2]!, multipliers: Float64Array.of(300) };
    const graph = { ...small, layers: [...small.layers.slice(0, 2), dense] } as QuantizedGraph; // still dense
    expect(() => exportTflite(graph)).toThrowErrorMatchingInlineSnapshot(
      `[ExportError: logits: TensorFlow Lite takes inputScale * weightScale / outputScale below 256, got 300.0. Calibrate with samples that exercise this layer.]`,
    );
  });
});

test("functions are tables, or by request HARD_SWISH", () => {
  const swish = hardSwishNetwork();
  const codes = (file: Uint8Array) =>
    readFlatbuffer(file).operatorCodes!.map(({ builtinCode = 0 }) => builtinCode);
  expect(codes(exportTflite(swish))).toEqual([53, 0, 36]); // CAST, ADD, GATHER
  expect(codes(exportTflite(swish, { functions: "operators" }))).toEqual([117]);
  const other = randomLayer("lookup", 1);
  expect(codes(exportTflite(other, { functions: "operators" }))).toEqual([53, 0, 36]);
});

function hardSwishNetwork(): QuantizedGraph {
  const table = Int8Array.from({ length: 256 }, (_, at) => {
    const x = (at - 128) / 16;
    return Math.min(127, Math.round(((x * Math.min(Math.max(x + 3, 0), 6)) / 6) * 16));
  });
  return {
    ...small,
    output: 1,
    tensors: ["input", "swish"].map((name) => ({
      name,
      dtype: "int8",
      shape: [5],
      scale: 1 / 16,
      zeroPoint: 0,
    })),
    layers: [{ kind: "lookup", name: "swish", inputs: [0], output: 1, table }],
  };
}
