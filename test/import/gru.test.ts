import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportC } from "../../src/device/export/index.ts";
import { quantizeGraph } from "../../src/device/quantize/index.ts";
import { compileGraph } from "../../src/engine/compile/index.ts";
import { importOnnx } from "../../src/engine/import/index.ts";
import { writeOnnx } from "../../src/engine/onnx/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import {
  elementCount,
  float32,
  randomStream,
  type Shape,
  type Tensor,
  tensor,
} from "../../src/engine/tensor/index.ts";
import { hasProgram, runOnHost } from "../support/c-programs.ts";
import { parityBytes, randomInputs } from "../support/integer-parity.ts";
import { randomSamples } from "../support/quantized-networks.ts";

const [steps, features, units, classes] = [9, 5, 7, 4];

const stream = randomStream(5, "gru file");
const drawn = (shape: Shape, scale: number): Tensor =>
  float32(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => scale * stream.normal()),
  );

const node = (
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attrs: Readonly<Record<string, bigint | readonly bigint[]>> = {},
) => ({ type, domain: "", inputs, outputs, attrs });

/** @returns a file: samples, positions first, GRU, its last state Y_h less the direction, Gemm */
function model(linearBeforeReset: bigint, reader: "Squeeze" | "Gather") {
  return writeOnnx({
    opset: 17,
    metadata: {},
    graph: {
      name: "gru",
      nodes: [
        node("Transpose", ["samples"], ["sequence"], { perm: [1n, 0n, 2n] }),
        node("GRU", ["sequence", "w", "r", "b"], ["", "last"], {
          hidden_size: BigInt(units),
          linear_before_reset: linearBeforeReset,
        }),
        node(reader, ["last", reader === "Squeeze" ? "axes" : "index"], ["state"]),
        node("Gemm", ["state", "kernel", "bias"], ["logits"]),
      ],
      inputs: [{ name: "samples", dtype: "float32", shape: ["n", steps, features] }],
      outputs: [{ name: "logits", dtype: "float32", shape: ["n", classes] }],
      initializers: [
        { name: "w", value: drawn([1, 3 * units, features], 0.5) },
        { name: "r", value: drawn([1, 3 * units, units], 0.5) },
        { name: "b", value: drawn([1, 6 * units], 0.2) },
        { name: "index", value: tensor("int64", [], BigInt64Array.of(-1n)) },
        { name: "axes", value: tensor("int64", [1], BigInt64Array.of(0n)) },
        { name: "kernel", value: drawn([units, classes], 1) },
        { name: "bias", value: drawn([classes], 0.2) },
      ],
    },
  });
}

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

async function logitsOf(bytes: Uint8Array, samples: Tensor): Promise<readonly number[]> {
  const session = await runtime.load(bytes);
  const { outputs } = await session.run({ samples });
  await session.dispose();
  return [...(outputs.logits!.data as Float32Array)];
}

describe.each([
  ["before the recurrent product, ONNX's default", 0n, "Squeeze"],
  ["behind it, as PyTorch's", 1n, "Gather"],
] as const)(
  "a GRU read through its last state, the reset gate %s",
  (_, linearBeforeReset, reader) => {
    const bytes = model(linearBeforeReset, reader);

    test("computes what ONNX Runtime computes of the file", async () => {
      const imported = compileGraph(importOnnx(bytes, "gru.onnx"), { batchAxis: "batch" });
      const samples = drawn([3, steps, features], 1);
      const [expected, got] = [await logitsOf(bytes, samples), await logitsOf(imported, samples)];
      expect(expected).toHaveLength(3 * classes);
      got.forEach((x, at) => {
        expect(Math.abs(x - expected[at]!)).toBeLessThan(1e-5); // sums of float32, in another order
      });
    });

    test.skipIf(!hasProgram("gcc"))("gives every byte of the integer reference as C", async () => {
      const graph = importOnnx(bytes, "gru.onnx");
      const calibration = randomSamples(graph, 32);
      const quantized = await quantizeGraph(graph, { calibration, runtime });
      const { inputs, expected } = parityBytes(quantized, randomInputs(quantized, 200));
      const { files } = exportC(quantized);
      const outputs = runOnHost({ files, name: "student", outputType: "int8_t", inputs });
      expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
    });
  },
);

/** As torch.onnx.export writes nn.GRU of a fixed batch, and y[:, -1] behind it. */
function torchModel(batch: number) {
  const sizes = (...values: readonly number[]) =>
    tensor("int64", [values.length], BigInt64Array.from(values, BigInt));
  return writeOnnx({
    opset: 17,
    metadata: {},
    graph: {
      name: "torch gru",
      nodes: [
        node("Transpose", ["samples"], ["sequence"], { perm: [1n, 0n, 2n] }),
        node("Expand", ["zero", "stateShape"], ["state"]),
        node("GRU", ["sequence", "w", "r", "b", "", "state"], ["y", "last"], {
          hidden_size: BigInt(units),
          linear_before_reset: 1n,
        }),
        node("Squeeze", ["y", "direction"], ["positions"]),
        node("Transpose", ["positions"], ["rows"], { perm: [1n, 0n, 2n] }),
        node("Gather", ["rows", "end"], ["final"], { axis: 1n }),
        node("Gemm", ["final", "kernel", "bias"], ["logits"]),
      ],
      inputs: [{ name: "samples", dtype: "float32", shape: [batch, steps, features] }],
      outputs: [{ name: "logits", dtype: "float32", shape: [batch, classes] }],
      initializers: [
        { name: "zero", value: float32([1, 1, 1], [0]) },
        { name: "stateShape", value: sizes(1, batch, units) },
        { name: "direction", value: sizes(1) },
        { name: "end", value: tensor("int64", [], BigInt64Array.of(-1n)) },
        { name: "w", value: drawn([1, 3 * units, features], 0.5) },
        { name: "r", value: drawn([1, 3 * units, units], 0.5) },
        { name: "b", value: drawn([1, 6 * units], 0.2) },
        { name: "kernel", value: drawn([units, classes], 1) },
        { name: "bias", value: drawn([classes], 0.2) },
      ],
    },
  });
}

test.each([1, 3])(
  "PyTorch's GRU of a fixed batch of %i, from a state of zeros: float and int8",
  async (batch) => {
    const bytes = torchModel(batch);
    const graph = importOnnx(bytes, "torch.onnx");
    const imported = compileGraph(graph, { batchAxis: "batch" });
    const samples = drawn([batch, steps, features], 1);
    const [expected, got] = [await logitsOf(bytes, samples), await logitsOf(imported, samples)];
    got.forEach((x, at) => {
      expect(Math.abs(x - expected[at]!)).toBeLessThan(1e-5); // sums of float32, in another order
    });
    const { layers } = await quantizeGraph(graph, {
      calibration: randomSamples(graph, 8),
      runtime,
    });
    expect(layers.map(({ kind }) => kind)).toContain("gru");
  },
);
