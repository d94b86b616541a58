import { expect, test } from "vitest";
import { loadOpCases } from "../../support/op-case-files.ts";
import { webGpuRuntime } from "../../support/webgpu.ts";
import {
  runtimeSamples,
  sampleOnWebGpu,
  type WebGpuAnswer,
  webGpuAnswersFile,
} from "../../support/webgpu-samples.ts";

test("every operator's samples on WebGPU are right, or recorded as refused", async ({ skip }) => {
  const runtime = await webGpuRuntime();
  if (typeof runtime === "string") return skip(runtime);
  const found: Record<string, WebGpuAnswer | null> = {};
  const wrong: string[] = [];
  for (const cases of await loadOpCases()) {
    const answer = { refused: [] as string[], wrong: [] as string[] };
    const samples = runtimeSamples(cases);
    for (const sample of samples) {
      const { name, outcome } = await sampleOnWebGpu(runtime, cases, sample);
      if (outcome !== "right") answer[outcome].push(name);
    }
    wrong.push(...answer.wrong.map((name) => `${cases.op}: ${name}`));
    const failed = new Set([...answer.refused, ...answer.wrong]);
    found[cases.op] = samples.every(({ name }) => failed.has(name)) ? null : answer;
  }
  // WGSL's max need not keep NaN, and its kernel of Relu is one
  expect(wrong).toEqual(["relu: infinities and NaN"]);
  await expect(`${JSON.stringify(found, null, 2)}\n`).toMatchFileSnapshot(
    webGpuAnswersFile.pathname,
  );
});
