import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recipeProviders } from "../../src/app/spec/index.ts";
import { assertCudaLibraries, nodeRuntime, providers } from "../../src/engine/runtime/node.ts";

test("CUDA without its libraries is refused before a model is loaded, with what to do", () => {
  const root = mkdtempSync(join(tmpdir(), "potstill-cuda-"));
  expect(() => assertCudaLibraries(root)).toThrow(
    expect.objectContaining({
      code: "backend/provider",
      message: `provider "cuda": onnxruntime-node needs its CUDA libraries, which exist for Linux on x64 only, got no libonnxruntime_providers_cuda.so under ${root}/bin. Let its install script fetch them, as docs/performance.md says under GPUs, or leave the provider at cpu.`,
    }),
  );
});

/** @returns whether onnxruntime-node's install script has fetched them */
function isInstalled(): boolean {
  try {
    assertCudaLibraries("node_modules/onnxruntime-node");
    return true;
  } catch {
    return false;
  }
}

test("the runtime refuses as it starts", async ({ skip }) => {
  if (isInstalled()) return skip("the CUDA libraries are here");
  await expect(nodeRuntime({ provider: "cuda", worker: false })).rejects.toMatchObject({
    code: "backend/provider",
  });
});

test("a recipe may name every provider of the runtime", () => {
  expect(recipeProviders).toEqual(providers);
});
