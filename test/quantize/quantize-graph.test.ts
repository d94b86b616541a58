import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arrayDataset, type Dataset } from "../../src/data/index.ts";
import {
  calibrationMethods,
  type QuantizedGraph,
  quantizeGraph,
  quantizeSamples,
  runQuantized,
} from "../../src/device/quantize/index.ts";
import { compileGraph } from "../../src/engine/compile/index.ts";
import { constant, type Graph, input } from "../../src/engine/graph/index.ts";
import { gemm } from "../../src/engine/ops/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { allocate, elementCount, float32, type Tensor } from "../../src/engine/tensor/index.ts";
import { networks, randomSamples } from "../support/quantized-networks.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

async function floatOutputs(graph: Graph, data: Dataset): Promise<Float32Array[]> {
  const session = await runtime.load(compileGraph(graph));
  const outputs: Float32Array[] = [];
  for (let at = 0; at < data.length; at++) {
    const sample = allocate(data.dtype, elementCount(data.shape));
    await data.gather(Int32Array.of(at), sample);
    const samples = { dtype: data.dtype, shape: [1, ...data.shape], data: sample } as Tensor;
    outputs.push((await session.run({ samples })).outputs.logits!.data as Float32Array);
  }
  return outputs;
}

async function integerOutputs(graph: QuantizedGraph, data: Dataset): Promise<Float64Array[]> {
  const { scale, zeroPoint } = graph.tensors[graph.output]!;
  const outputs: Float64Array[] = [];
  for (let at = 0; at < data.length; at++) {
    const sample = allocate(data.dtype, elementCount(data.shape));
    await data.gather(Int32Array.of(at), sample);
    const q = quantizeSamples(sample, graph.sample, graph.tensors[graph.input]!);
    outputs.push(Float64Array.from(runQuantized(graph, q), (y) => scale * (y - zeroPoint)));
  }
  return outputs;
}

describe.each(Object.entries(networks))("%s", (_, build) => {
  test.each(calibrationMethods)("int8 by %s stays close to float", async (method) => {
    const graph = build();
    const data = randomSamples(graph, 24);
    const quantized = await quantizeGraph(graph, { calibration: data, runtime, method });
    const float = await floatOutputs(graph, data);
    const integer = await integerOutputs(quantized, data);
    const all = float.flatMap((row) => [...row]);
    const spread = Math.max(...all) - Math.min(...all);
    const errors = float.map((row, at) =>
      row.reduce((worst, y, i) => Math.max(worst, Math.abs(y - integer[at]![i]!)), 0),
    );
    // 8 bits through up to seven layers: some percent of the output's range
    expect(Math.max(...errors) / spread).toBeLessThan(0.1);
    expect(errors.reduce((sum, e) => sum + e, 0) / errors.length / spread).toBeLessThan(0.04);
  });
});

test("ranges are those of all parts of sorted samples, however many are looked at", async () => {
  const placeholder = input("samples", "float32", [1, 2]);
  const kernel = constant(float32([2, 2], [1, 0, 0, 1]));
  const graph: Graph = {
    name: "same",
    inputs: [placeholder],
    outputs: [{ name: "logits", value: gemm(placeholder, kernel) }],
  };
  const labels = Int32Array.from({ length: 900 }, (_, at) => Math.floor(at / 300));
  const sorted = arrayDataset({
    name: "sorted",
    dtype: "float32",
    shape: [2],
    data: Float32Array.from({ length: 1800 }, (_, at) => labels[at >> 1]! + (at % 7) / 10),
    labels,
    classNames: ["low", "middle", "high"],
  });
  for (const maxSamples of [undefined, 30]) {
    const options = { calibration: sorted, runtime, ...(maxSamples && { maxSamples }) };
    const { tensors, input: at } = await quantizeGraph(graph, options);
    expect(tensors[at]!.scale * 255).toBeGreaterThan(2.5); // values up to 2.6
  }
});
