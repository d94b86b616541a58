import { beforeAll, describe, expect, test } from "vitest";
import { type LiteRt, openLiteRt } from "../../../src/app/cli/litert.ts";
import { exportTflite, inMemoryOrder } from "../../../src/device/export/index.ts";
import {
  imageOf,
  type QuantizedGraph,
  quantizeGraph,
  type Rounding,
} from "../../../src/device/quantize/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { parityBytes, randomInputs } from "../../support/integer-parity.ts";
import { networks, randomSamples } from "../../support/quantized-networks.ts";
import { layerSorts, randomLayer } from "../../support/random-layers.ts";
import { randomNetwork } from "../../support/random-networks.ts";

let litert: LiteRt;
beforeAll(async () => {
  const found = await openLiteRt();
  if (found === undefined) throw new Error("@litertjs/core is missing; run: npm ci");
  litert = found;
});

/** @returns how many output bytes LiteRT and the integer reference have, and how many differ */
function compare(graph: QuantizedGraph, count: number, rounding: Rounding = "xnnpack") {
  const samples = randomInputs(graph, count);
  const { expected } = parityBytes(graph, samples, rounding);
  const order = imageOf(graph.tensors[graph.input]!.shape);
  const inputs = samples.map((sample) => Int8Array.from(inMemoryOrder(sample, order)));
  const got = litert.run(exportTflite(graph), inputs).flatMap((bytes) => [...bytes]);
  const differing = got.filter((byte, at) => byte !== expected[at]).length;
  return { bytes: got.length, expected: expected.length, differing };
}

const equal = (bytes: number) => ({ bytes, expected: bytes, differing: 0 });

describe("LiteRT gives the integer reference's bytes (xnnpack)", () => {
  test.each(Object.entries(networks))("%s, 200 samples", async (_, build) => {
    const graph = build();
    const runtime = await nodeRuntime({ worker: false });
    const calibration = randomSamples(graph, 16);
    const quantized = await quantizeGraph(graph, { calibration, runtime });
    await runtime.close();
    const result = compare(quantized, 200);
    expect(result).toEqual(equal(200 * quantized.tensors[quantized.output]!.shape[0]!));
  });

  test.each(layerSorts)("drawn layers, extreme scales: %s", (sort) => {
    const unequal: number[] = [];
    for (let seed = 0; seed < 60; seed++) {
      const { bytes, expected, differing } = compare(randomLayer(sort, seed), 20);
      if (bytes !== expected || differing > 0) unequal.push(seed);
    }
    expect(unequal).toEqual([]);
  });

  test("drawn networks", () => {
    const unequal: number[] = [];
    for (let seed = 0; seed < 100; seed++) {
      const graph = randomNetwork(seed);
      if (graph === undefined) continue;
      const { bytes, expected, differing } = compare(graph, 20);
      if (bytes !== expected || differing > 0) unequal.push(seed);
    }
    expect(unequal).toEqual([]);
  });
});

test("the other roundings are others: dense layers differ in some bytes", () => {
  const differing = [0, 1, 2, 3].map((seed) => compare(randomLayer("dense", seed), 20, "tflm"));
  expect(differing.reduce((sum, one) => sum + one.differing, 0)).toBeGreaterThan(0);
});
