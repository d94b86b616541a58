import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arrayDataset, type Dataset } from "../../../src/data/index.ts";
import {
  type QuantizedGraph,
  type QuantizedLayer,
  quantizeGraph,
  quantizeSamples,
  traceQuantized,
} from "../../../src/device/quantize/index.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import {
  allocate,
  elementCount,
  type RandomStream,
  randomStream,
} from "../../../src/engine/tensor/index.ts";
import { stepsApart } from "../../support/onnx-int8-steps.ts";
import { networks, randomSamples } from "../../support/quantized-networks.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

/** @returns the one layer as a network that takes its real operand */
function alone(graph: QuantizedGraph, layer: QuantizedLayer): QuantizedGraph {
  const sample = { dtype: "float32", scale: 1, offset: 0 } as const;
  return { ...graph, sample, input: layer.inputs[0]!, output: layer.output, layers: [layer] };
}

/** @returns the layer's operand on each sample, as real numbers */
async function operands(graph: QuantizedGraph, layer: QuantizedLayer, data: Dataset) {
  const { shape, scale, zeroPoint } = graph.tensors[layer.inputs[0]!]!;
  const rows = [];
  for (let at = 0; at < data.length; at++) {
    const sample = allocate(data.dtype, elementCount(data.shape));
    await data.gather(Int32Array.of(at), sample);
    const input = quantizeSamples(sample, graph.sample, graph.tensors[graph.input]!);
    rows.push(...traceQuantized(graph, input)[layer.inputs[0]!]!);
  }
  const reals = Float32Array.from(rows, (q) => scale * (q - zeroPoint));
  const labels = new Int32Array(data.length).fill(-1);
  const fields = { name: layer.name, shape, labels, classNames: ["a"] };
  return arrayDataset({ ...fields, dtype: "float32", data: reals });
}

/** Halves of means of every count, on the real scale of zero points on each side. */
function poolOf(width: number, zeroPoint: number): QuantizedGraph {
  const kernel = [1, width] as const;
  const tensor = { dtype: "int8", scale: Math.fround(0.037), zeroPoint } as const;
  const window = { kernel, strides: kernel, padding: [0, 0, 0, 0], dilations: [1, 1] } as const;
  return {
    name: "mean",
    sample: { dtype: "float32", scale: 1, offset: 0 },
    tensors: [
      { ...tensor, name: "samples", shape: [1, 1, width] },
      { ...tensor, name: "mean", shape: [1, 1, 1] },
    ],
    layers: [
      {
        ...{ kind: "averagePool", name: "mean", inputs: [0], output: 1 },
        ...{ ...window, clamp: { min: -128, max: 127 } },
      },
    ],
    input: 0,
    output: 1,
  };
}

describe("ONNX Runtime and the integer reference", () => {
  test.each(Object.entries(networks))("%s: each layer within one step", async (_, build) => {
    const graph = build();
    const data = randomSamples(graph, 32);
    const quantized = await quantizeGraph(graph, { calibration: data, runtime });
    for (const layer of quantized.layers.filter(({ inputs }) => inputs.length === 1)) {
      const steps = await stepsApart(
        runtime,
        alone(quantized, layer),
        await operands(quantized, layer, data),
      );
      // ONNX Runtime takes two scales in a row for one, and has its own softmax in float32
      const most = ["requantize", "softmax"].includes(layer.kind) ? 1 : 0;
      expect(Math.max(...steps), layer.name).toBeLessThanOrEqual(most);
    }
  });

  test.each(Object.entries(networks))("%s: the whole network", async (_, build) => {
    const graph = build();
    const data = randomSamples(graph, 200);
    const quantized = await quantizeGraph(graph, { calibration: data, runtime });
    const steps = await stepsApart(runtime, quantized, data);
    expect(Math.max(...steps)).toBeLessThanOrEqual(1);
  });

  test.each([2, 4, 14, 49, 64, 1024, 8192])("means of %i: halves away from 0", async (width) => {
    const stream = randomStream(width, "pool");
    const count = width > 100 ? 40 : 400;
    for (const zeroPoint of [-128, -17, 0, 127]) {
      const graph = poolOf(width, zeroPoint);
      const rows = Array.from({ length: count }, (_, at) =>
        meanNear((at - count / 2) * (400 / count) + 1, width, stream),
      );
      const reals = Float32Array.from(
        rows.flatMap((row) => [...row]),
        (q) => graph.tensors[0]!.scale * (q - zeroPoint),
      );
      const fields = { name: "means", shape: [1, 1, width], classNames: ["a"] };
      const labels = new Int32Array(count).fill(-1);
      const data = arrayDataset({ ...fields, labels, dtype: "float32", data: reals });
      const steps = await stepsApart(runtime, graph, data, count, "tflm");
      expect(Math.max(...steps), `zero point ${zeroPoint}`).toBe(0);
    }
  });
});

/** @returns int8 [width] around a mean of at / 2 and, every third time, one away from that */
function meanNear(at: number, width: number, stream: RandomStream): Int8Array {
  const row = Int8Array.from({ length: width }, () => stream.integer(41) - 20);
  const wanted = Math.floor((at / 2) * width) + (at % 3 === 0 ? 1 : 0);
  let missing = wanted - row.reduce((sum, q) => sum + q, 0);
  for (let i = 0; missing !== 0; i = (i + 1) % width) {
    const next = Math.max(-128, Math.min(127, row[i]! + missing));
    missing -= next - row[i]!;
    row[i] = next;
  }
  return row;
}
