import { expect, test } from "vitest";
import { compileGraph } from "../../src/engine/compile/index.ts";
import { input } from "../../src/engine/graph/index.ts";
import { relu } from "../../src/engine/ops/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { type WebRuntimeOptions, webRuntime } from "../../src/engine/runtime/web.ts";
import { tensor } from "../../src/engine/tensor/index.ts";

const x = input("x", "float32", [2]);
const model = compileGraph({
  name: "g",
  inputs: [x],
  outputs: [{ name: "y", value: relu(x) }],
});

async function reluOf(runtime: Runtime, values: readonly number[]): Promise<number[]> {
  const session = await runtime.load(model, { threads: 2 });
  const { outputs } = await session.run({ x: tensor("float32", [2], Float32Array.from(values)) });
  await session.dispose();
  return Array.from(outputs.y!.data, Number);
}

const places = { "in a worker": true, "in the page": false };

test.each(Object.entries(places))("both providers compute, %s", async (_, worker) => {
  for (const provider of ["wasm", "webgpu"] as const) {
    const runtime = await webRuntime({ provider, worker });
    expect(runtime).toMatchObject({ name: `onnxruntime-web (${provider})`, hasThreads: true });
    expect(await reluOf(runtime, [-1, 2])).toEqual([0, 2]);
    await runtime.close();
  }
});

test("files that are not served are named", async () => {
  const runtime = await webRuntime({ wasmPaths: "nowhere/" });
  await expect(runtime.load(model)).rejects.toMatchObject({
    code: "backend/missing",
    message: expect.stringMatching(
      /^provider "wasm": ort-wasm-simd-threaded\.mjs and ort-wasm-simd-threaded\.wasm must be served from http.*\/nowhere\/, got \[wasm\] .*\. Copy them from node_modules\/onnxruntime-web\/dist/,
    ),
  });
  await runtime.close();
});

test.each<[string, WebRuntimeOptions, string, string]>([
  [
    "another provider",
    { provider: "webgl" as "webgpu" },
    "config/unknown-name",
    'webRuntime: unknown provider "webgl". Did you mean "webgpu"? Valid: wasm, webgpu.',
  ],
  [
    "a folder without its slash",
    { wasmPaths: "/ort" },
    "config/value",
    'webRuntime: wasmPaths: must be a folder, with "/" at its end, got "/ort". Write "/ort/".',
  ],
])("%s is refused", async (_, options, code, message) => {
  await expect(webRuntime(options)).rejects.toMatchObject({ code, message });
});
