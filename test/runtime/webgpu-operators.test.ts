import { expect, test } from "vitest";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { loadOpCases } from "../support/op-case-files.ts";
import { webGpuRuntime } from "../support/webgpu.ts";
import { recordedWebGpuAnswers, sampleOnWebGpu } from "../support/webgpu-samples.ts";

const allCases = await loadOpCases();

async function outcomeOf(runtime: Runtime, op: string, name?: string): Promise<string> {
  const cases = allCases.find((each) => each.op === op)!;
  const sample = cases.samples.find((each) => name === undefined || each.name === name);
  return (await sampleOnWebGpu(runtime, cases, sample!)).outcome;
}

/** All samples of all operators: test/browser/webgpu. */
test("convolutions are right where channels last would give other numbers", async ({ skip }) => {
  const runtime = await webGpuRuntime();
  if (typeof runtime === "string") return skip(runtime);
  for (const [op, name] of [
    ["conv2d", "six channels to twelve"],
    ["conv2d", "nine channels to four"],
    ["conv2dInputGrad", "twelve channels to six"],
    ["conv2dInputGrad", "depthwise with two outputs a channel"],
    ["conv2dWeightGrad", "narrower than its stride"],
  ] as const)
    expect([op, name, await outcomeOf(runtime, op, name)]).toEqual([op, name, "right"]);
});

test("operators of which WebGPU is recorded to take nothing are refused", async ({ skip }) => {
  const runtime = await webGpuRuntime();
  if (typeof runtime === "string") return skip(runtime);
  const refused = Object.entries(recordedWebGpuAnswers()).filter(([, answer]) => answer === null);
  expect(refused.length).toBeGreaterThan(0);
  for (const [op] of refused) expect([op, await outcomeOf(runtime, op)]).toEqual([op, "refused"]);
});
