/** @file Sequences joined along either axis: each format gives what the integer reference gives. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLiteRt } from "../../src/app/cli/litert.ts";
import { exportC, exportTflite, inMemoryOrder } from "../../src/device/export/index.ts";
import {
  imageOf,
  type QuantizedGraph,
  quantizeGraph,
  quantizeSamples,
  runQuantized,
} from "../../src/device/quantize/index.ts";
import { compileGraph } from "../../src/engine/compile/index.ts";
import { type Graph, input, type Value } from "../../src/engine/graph/index.ts";
import {
  concat,
  conv1d,
  gruSequence,
  reduceMean,
  relu,
  reshape,
  slice,
  tanh,
  transpose,
} from "../../src/engine/ops/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { elementCount, float32 } from "../../src/engine/tensor/index.ts";
import { hasProgram, runOnHost } from "../support/c-programs.ts";
import { parityBytes, randomInputs } from "../support/integer-parity.ts";
import { stepsApart } from "../support/onnx-int8-steps.ts";
import { builder, graphOf, randomSamples } from "../support/quantized-networks.ts";

const { draw, dense } = builder(51);
const swapped = (x: Value): Value => transpose(x, [0, 2, 1]);
const flat = (x: Value): Value => reshape(x, [1, elementCount(x.shape)]);

/** relu of a convolution over [1, channels, length] */
function along(x: Value, channels: number, kernel: number): Value {
  const weights = draw([channels, x.shape[1]!, kernel], 0.5);
  return relu(conv1d(x, weights, { bias: draw([channels], 0.2), padding: "same" }));
}

const samples = (): Value => input("samples", "float32", [1, 10, 3]);

/** [1, 10, 3] → the same positions with 5 features */
const widened = (x: Value): Value => swapped(along(swapped(x), 5, 3));

const cases: Readonly<Record<string, () => Graph>> = {
  "channels of convolutions": () => {
    const x = input("samples", "float32", [1, 3, 10]);
    const joined = concat([along(x, 4, 3), along(x, 2, 1), tanh(along(x, 3, 5))], 1);
    return graphOf("channels", x, flat(along(joined, 3, 3)));
  },
  "channels that are the answer": () => {
    const x = input("samples", "float32", [1, 3, 10]);
    return graphOf("answer", x, concat([along(x, 4, 3), along(x, 2, 1)], 1));
  },
  "the length of two convolutions": () => {
    const x = input("samples", "float32", [1, 3, 10]);
    const joined = concat([along(x, 4, 3), along(x, 4, 1)], 2);
    return graphOf("length", x, dense(flat(along(joined, 2, 3)), 4));
  },
  "features of each position": () => {
    const x = samples();
    const joined = concat([x, widened(x)], 2);
    return graphOf("features", x, dense(reduceMean(joined, { axes: [1] }), 4));
  },
  "positions one after another": () => {
    const x = samples();
    const early = slice(x, { starts: [1], ends: [5], axes: [1] });
    return graphOf("positions", x, dense(flat(widened(concat([early, x], 1))), 4));
  },
};

/** read forwards by two units */
function twoUnits(): Graph {
  const x = samples();
  const states = [4, 6].map((units) => {
    const weights = [draw([3 * units, 3], 0.5), draw([3 * units, units], 0.4)] as const;
    const states = gruSequence(transpose(x, [1, 0, 2]), ...weights, draw([6 * units], 0.2));
    return transpose(states, [1, 0, 2]);
  });
  return graphOf("units", x, dense(flat(concat(states, 2)), 4));
}

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const quantized = (graph: Graph): Promise<QuantizedGraph> =>
  quantizeGraph(graph, { calibration: randomSamples(graph, 200), runtime });

/** root of the mean square */
const root = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);

/** @returns how far int8 lies from the float network, as a share of its outputs */
async function shareApart(graph: Graph, int8: QuantizedGraph): Promise<number> {
  const count = 50;
  const size = elementCount(int8.tensors[int8.input]!.shape);
  const raw = new Float32Array(count * size);
  await randomSamples(graph, count, 8).gather(
    Int32Array.from({ length: count }, (_, at) => at),
    raw,
  );
  const session = await runtime.load(compileGraph(graph, { batchAxis: "batch" }));
  const shape = [count, ...graph.inputs[0]!.shape.slice(1)];
  const { outputs } = await session.run({ samples: float32(shape, raw) });
  await session.dispose();
  const float = outputs.logits!.data as Float32Array; // the graph's own
  const q = quantizeSamples(raw, int8.sample, int8.tensors[int8.input]!);
  const { scale, zeroPoint } = int8.tensors[int8.output]!;
  const got = Array.from({ length: count }, (_, at) => [
    ...runQuantized(int8, q.slice(at * size, (at + 1) * size)),
  ]).flat();
  expect(got.length).toBe(float.length);
  return root(float.map((y, at) => y - scale * (got[at]! - zeroPoint))) / root(float);
}

function expectBytesOfC(graph: QuantizedGraph): void {
  const { inputs, expected } = parityBytes(graph, randomInputs(graph, 50));
  const { files } = exportC(graph);
  const outputs = runOnHost({ files, name: "student", outputType: "int8_t", inputs });
  expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
}

describe.each(Object.entries(cases))("%s", (_, build) => {
  let graph: Graph;
  let int8: QuantizedGraph;
  beforeAll(async () => {
    graph = build();
    int8 = await quantized(graph);
  });

  test("the integer reference is close to the float network", async () => {
    expect(await shareApart(graph, int8)).toBeLessThan(0.04);
  });

  test.skipIf(!hasProgram("gcc"))("as C (gcc)", () => expectBytesOfC(int8));

  test("as .tflite in LiteRT", async () => {
    const litert = await openLiteRt();
    const inputs = randomInputs(int8, 50);
    const { expected } = parityBytes(int8, inputs, "xnnpack");
    const order = imageOf(int8.tensors[int8.input]!.shape);
    const rows = inputs.map((sample) => Int8Array.from(inMemoryOrder(sample, order)));
    const outputs = litert!.run(exportTflite(int8), rows).flatMap((bytes) => [...bytes]);
    expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
  });

  test("as ONNX int8, within one step", async () => {
    const steps = await stepsApart(runtime, int8, randomSamples(graph, 50));
    expect(Math.max(...steps)).toBeLessThanOrEqual(1);
  });
});

describe("states of two recurrent units", () => {
  test.skipIf(!hasProgram("gcc"))("as C (gcc), and close to the float network", async () => {
    const graph = twoUnits();
    const int8 = await quantized(graph);
    expectBytesOfC(int8);
    expect(await shareApart(graph, int8)).toBeLessThan(0.04);
  });
});

describe("what is refused by name", () => {
  const [rule, x] = [/concat must join/, input("samples", "float32", [1, 3, 10])];
  const image = (): Value => reshape(along(x, 3, 1), [1, 3, 2, 5]);
  const units = transpose(x, [1, 0, 2]); // [3, 1, 10]: positions first
  test.each([
    ["rows of images", () => flat(concat([image(), image()], 2))],
    ["sequences with positions first", () => concat([units, units], 1)],
  ])("%s", async (_, build) => {
    await expect(quantized(graphOf("net", x, build()))).rejects.toThrow(rule);
  });
});
