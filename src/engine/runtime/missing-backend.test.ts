import { expect, test, vi } from "vitest";
import { loadBackend } from "./node.ts";

vi.mock("onnxruntime-node", () => {
  throw new Error("Cannot find package 'onnxruntime-node'");
});
vi.mock("onnxruntime-web", () => {
  throw new Error("Cannot find package 'onnxruntime-web'");
});

test.each([
  ["onnxruntime-node", "cpu"],
  ["onnxruntime-web", "cpu"],
] as const)("%s that is not there is the one to install", async (backend, provider) => {
  await expect(loadBackend({ backend, provider })).rejects.toMatchObject({
    code: "backend/missing",
    message: expect.stringMatching(
      new RegExp(
        `^runtime: ${backend} must be installed, got .*\\. npm install ${backend}\\.$`,
        "s",
      ),
    ),
  });
});

test("where either would do, both are named; CUDA needs onnxruntime-node", async () => {
  await expect(loadBackend({ backend: "auto", provider: "cpu" })).rejects.toThrow(
    /^runtime: onnxruntime-node or onnxruntime-web must be installed, got .*npm install onnxruntime-node \(or onnxruntime-web, slower/s,
  );
  await expect(loadBackend({ backend: "auto", provider: "cuda" })).rejects.toThrow(
    /^runtime: onnxruntime-node must be installed, got .*npm install onnxruntime-node\.$/s,
  );
});
