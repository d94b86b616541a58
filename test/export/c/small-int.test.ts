/** @file C for cores whose int has 16 bits, as AVR's has: nothing may count on more. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { exportC, exportFrontEnd } from "../../../src/device/export/index.ts";
import {
  planFrontEnd,
  type QuantizedGraph,
  quantizeGraph,
} from "../../../src/device/quantize/index.ts";
import type { Runtime } from "../../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { randomInputs } from "../../support/integer-parity.ts";
import { networks, randomSamples } from "../../support/quantized-networks.ts";
import { layerSorts, randomLayer } from "../../support/random-layers.ts";
import { recurrentNetwork } from "../../support/recurrent-network.ts";
import { tinyLogMel } from "../../support/small-sounds.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

/** @returns every file that an export may write, without comments */
async function allCode(): Promise<string> {
  const float = [...Object.values(networks).map((build) => build())];
  float.push(recurrentNetwork(true), recurrentNetwork(false));
  const graphs: QuantizedGraph[] = layerSorts.map((sort) => randomLayer(sort, 1));
  for (const graph of float)
    graphs.push(await quantizeGraph(graph, { calibration: randomSamples(graph, 8), runtime }));
  const sample = { dtype: "float32", scale: 1, offset: 0 } as const;
  const input = { scale: 0.1, zeroPoint: 0 };
  const beside = exportFrontEnd(
    planFrontEnd({ logMel: tinyLogMel, sample, input }),
    "student",
  ).files;
  const texts = graphs.flatMap((graph) => {
    const { files } = exportC(graph, { arduino: true, selfTest: randomInputs(graph, 1), beside });
    return [...files].filter(([path]) => /\.(c|h|ino)$/.test(path)).map(([, text]) => text);
  });
  return texts.join("\n").replace(/\/\*[\s\S]*?\*\//g, "");
}

test("no plain int is declared, shifted beyond 15 bits, or made of two numbers of 16", async () => {
  const code = await allCode();
  expect(code).toContain("exp_of_negative"); // softmax, which shifts most
  expect(code.match(/.*\b(int|unsigned|short) \w+ *[=;,)].*/g)).toBeNull();
  expect(code.match(/.*(?<!\(u?int(32|64)_t\))\b[0-9]+u? <<.*/g)).toBeNull();
  expect(code.match(/.*(?<!\(int32_t\))\b(g->|p->g\.)\w+ \* (g->|p->g\.)\w+.*/g)).toBeNull();
});
