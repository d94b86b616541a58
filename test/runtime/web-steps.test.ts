/**
 * @file onnxruntime-web's WebAssembly kernels, in Node, train as onnxruntime-node's: small
 * networks, hard labels and a teacher's logits. test/browser holds the same in Chromium.
 */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { sampleSteps, trainSample, worstDifference } from "../browser/sample-steps.ts";

let node: Runtime;
let web: Runtime;
beforeAll(async () => {
  node = await nodeRuntime({ worker: false, backend: "onnxruntime-node" });
  web = await nodeRuntime({ worker: false, backend: "onnxruntime-web" });
});
afterAll(() => Promise.all([node.close(), web.close()]));

test.each(Object.entries(sampleSteps))(
  "%s",
  async (_, sample) => {
    const expected = await trainSample(node, sample, 1);
    const { difference, name } = worstDifference(await trainSample(web, sample, 1), expected);
    // six float32 steps, whose sums are in other orders: a few units in the last place
    expect(difference, name).toBeLessThan(1e-5);
  },
  300_000,
); // compiling WebAssembly takes a minute on a busy machine
