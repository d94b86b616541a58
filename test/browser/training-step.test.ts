import { describe, expect, inject, test } from "vitest";
import { compileGraph } from "../../src/engine/compile/index.ts";
import { input } from "../../src/engine/graph/index.ts";
import { relu } from "../../src/engine/ops/index.ts";
import { webRuntime } from "../../src/engine/runtime/web.ts";
import { sampleSteps, trainSample, worstDifference } from "./sample-steps.ts";

/**
 * Six float32 steps from the same start: the runtimes sum in other orders, which costs a few units
 * in the last place.
 */
const tolerance = 1e-5;

describe("training steps in the browser equal those in Node", () => {
  test("the page is cross-origin isolated, so that threads are there", () => {
    expect(globalThis.crossOriginIsolated).toBe(true);
  });

  test.each(Object.keys(sampleSteps))(
    "%s on WebAssembly with 2 threads, in a worker",
    async (name) => {
      const runtime = await webRuntime();
      expect(runtime.name).toBe("onnxruntime-web (wasm)");
      const state = await trainSample(runtime, sampleSteps[name]!, 2);
      await runtime.close();
      const { difference, name: where } = worstDifference(state, inject("nodeResults")[name]!);
      expect(difference, where).toBeLessThan(tolerance);
    },
  );

  test("cnn, channels that 3 divides, on WebGPU", async () => {
    const runtime = await webRuntime({ provider: "webgpu" });
    const name = "cnn, channels that 3 divides";
    const state = await trainSample(runtime, sampleSteps[name]!, 1);
    await runtime.close();
    const { difference, name: where } = worstDifference(state, inject("nodeResults")[name]!);
    expect(difference, where).toBeLessThan(tolerance);
  });

  test("an error in the worker arrives with its code", async () => {
    const runtime = await webRuntime();
    await expect(runtime.load(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({
      code: "backend/load",
    });
    const x = input("x", "float32", [2]);
    const graph = { name: "g", inputs: [x], outputs: [{ name: "y", value: relu(x) }] };
    const session = await runtime.load(compileGraph(graph));
    await expect(session.run({})).rejects.toMatchObject({ code: "backend/run" });
    await runtime.close();
  });
});
