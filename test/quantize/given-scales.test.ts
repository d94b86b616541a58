/**
 * @file Concatenations of what always has one scale, states of recurrent units and softmax's
 * probabilities, with other activations: the numbers of every target.
 */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLiteRt } from "../../src/app/cli/litert.ts";
import type { Dataset } from "../../src/data/index.ts";
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
  gruSequence,
  relu,
  reshape,
  slice,
  softmax,
  transpose,
} from "../../src/engine/ops/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { allocate, elementCount, type Tensor } from "../../src/engine/tensor/index.ts";
import { hasProgram, runOnHost } from "../support/c-programs.ts";
import { parityBytes, randomInputs } from "../support/integer-parity.ts";
import { stepsApart } from "../support/onnx-int8-steps.ts";
import { builder, graphOf, randomSamples } from "../support/quantized-networks.ts";

const [positions, features, units] = [6, 3, 4];
const flat = (x: Value): Value => reshape(x, [1, elementCount(x.shape)]);

const recurrent: Readonly<Record<string, () => Graph>> = {
  "a last state beside a dense layer": () => {
    const { samples, last, dense } = sequence(41);
    const wide = relu(dense(flat(samples), 5));
    return graphOf("state", samples, dense(concat([last(), wide], 1), 3));
  },
  "a last state alone and beside a dense layer": () => {
    const { samples, last, dense } = sequence(42);
    const state = last();
    const wide = relu(dense(flat(samples), 5));
    const joined = concat([wide, state], 1);
    return graphOf("twice", samples, dense(concat([dense(state, 4), joined], 1), 3));
  },
  "two recurrent units and a dense layer": () => {
    const { samples, last, dense } = sequence(43);
    const states = concat([last(), last()], 1);
    return graphOf("states", samples, dense(concat([states, dense(flat(samples), 5)], 1), 3));
  },
};

const probabilities: Readonly<Record<string, () => Graph>> = {
  "softmax beside a dense layer": () => {
    const { dense } = builder(44);
    const samples = input("samples", "float32", [1, 7]);
    const p = softmax(dense(samples, 4));
    return graphOf("softmax", samples, dense(concat([p, relu(dense(samples, 5))], 1), 3));
  },
  "softmax as the image that it is joined to": () => {
    const { conv, dense } = builder(45);
    const samples = input("samples", "float32", [1, 2, 3, 4]);
    const p = reshape(softmax(dense(flat(samples), 24)), [1, 2, 3, 4]);
    return graphOf("image", samples, dense(flat(concat([conv(samples, 3), p], 1)), 3));
  },
};

function sequence(seed: number) {
  const { draw, dense } = builder(seed);
  const samples = input("samples", "float32", [1, positions, features]);
  const last = (): Value => {
    const weights = [draw([3 * units, features]), draw([3 * units, units]), draw([6 * units], 0.2)];
    const [kernel, recurrentKernel, bias] = weights as [Value, Value, Value];
    const states = gruSequence(transpose(samples, [1, 0, 2]), kernel, recurrentKernel, bias, {
      linearBeforeReset: true,
    });
    const rows = transpose(states, [1, 0, 2]);
    return flat(slice(rows, { starts: [positions - 1], ends: [positions], axes: [1] }));
  };
  return { samples, last, dense };
}

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

async function quantized(build: () => Graph) {
  const graph = build();
  const data = randomSamples(graph, 64);
  return { graph, data, int8: await quantizeGraph(graph, { calibration: data, runtime }) };
}

/** @returns the largest error, as a share of the float outputs' range */
async function worstShare(graph: Graph, data: Dataset, int8: QuantizedGraph): Promise<number> {
  const size = elementCount(data.shape);
  const all = allocate(data.dtype, data.length * size);
  await data.gather(
    Int32Array.from({ length: data.length }, (_, at) => at),
    all,
  );
  const shape = [data.length, ...data.shape];
  const samples = { dtype: data.dtype, shape, data: all } as Tensor; // dtype and array go together
  const session = await runtime.load(compileGraph(graph, { batchAxis: "batch" }));
  const float = (await session.run({ samples })).outputs.logits!.data as Float32Array;
  await session.dispose();
  const { scale, zeroPoint } = int8.tensors[int8.output]!;
  const inputs = quantizeSamples(all as Float32Array, int8.sample, int8.tensors[int8.input]!);
  const integers = Array.from({ length: data.length }, (_, at) => [
    ...runQuantized(int8, inputs.slice(at * size, (at + 1) * size)),
  ]).flat();
  const errors = integers.map((q, at) => Math.abs(scale * (q - zeroPoint) - float[at]!));
  return Math.max(...errors) / (Math.max(...float) - Math.min(...float));
}

describe.each(Object.entries({ ...recurrent, ...probabilities }))("%s", (_, build) => {
  test("is close to float, and C gives the same bytes", async () => {
    const { graph, data, int8 } = await quantized(build);
    expect(await worstShare(graph, data, int8)).toBeLessThan(0.04); // some steps of 255
    if (!hasProgram("gcc")) return;
    const { inputs, expected } = parityBytes(int8, randomInputs(int8, 40));
    const { files } = exportC(int8);
    const outputs = runOnHost({ files, name: "student", outputType: "int8_t", inputs });
    expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
  });
});

describe.each(Object.entries(probabilities))("%s", (_, build) => {
  test("as ONNX is within one step", async () => {
    const { data, int8 } = await quantized(build);
    expect(Math.max(...(await stepsApart(runtime, int8, data)))).toBeLessThanOrEqual(1);
  });

  test("gives every byte of the reference as TFLite (LiteRT)", async () => {
    const litert = await openLiteRt();
    if (litert === undefined) throw new Error("@litertjs/core is missing; run: npm ci");
    const { int8 } = await quantized(build);
    const samples = randomInputs(int8, 40);
    const { expected } = parityBytes(int8, samples, "xnnpack");
    const order = imageOf(int8.tensors[int8.input]!.shape);
    const inputs = samples.map((sample) => Int8Array.from(inMemoryOrder(sample, order)));
    const outputs = litert.run(exportTflite(int8), inputs).flatMap((bytes) => [...bytes]);
    expect(Buffer.from(outputs).equals(Buffer.from(expected))).toBe(true);
  });
});
