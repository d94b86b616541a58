import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recipeProviders } from "../../src/config/index.ts";
import { assertCudaLibraries, nodeRuntime, providers } from "../../src/runtime/node.ts";

test("CUDA without its libraries is refused before a model is loaded, with what to do", () => {
  const root = mkdtempSync(join(tmpdir(), "potstill-cuda-"));
  expect(() => assertCudaLibraries(root)).toThrow(
    expect.objectContaining({
      code: "backend/provider",
      message: `provider "cuda": onnxruntime-node needs its CUDA libraries, which exist for Linux on x64 only, got no libonnxruntime_providers_cuda.so under ${root}/bin. Let its install script fetch them, as docs/performance.md says under GPUs, or leave the provider at cpu.`,
    }),
  );
});

test("the runtime refuses as it starts, where the libraries are not there", async () => {
  const outcome = await nodeRuntime({ provider: "cuda", worker: false }).then(
    async (runtime) => {
      await runtime.close();
      return "libraries found";
    },
    (error: { code: string }) => error.code,
  );
  expect(["backend/provider", "libraries found"]).toContain(outcome);
});

test("a recipe may name every provider of the runtime", () => {
  expect(recipeProviders).toEqual(providers);
});
