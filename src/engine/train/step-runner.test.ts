/** @file A state that is spoiled while every metric stays finite. */

import { expect, test } from "vitest";
import type { Step } from "../compile/index.ts";
import { input } from "../graph/index.ts";
import { mul, reduceSum } from "../ops/index.ts";
import type { Kernels } from "../runtime/index.ts";
import { nodeRuntime } from "../runtime/node.ts";
import { float32, zeros } from "../tensor/index.ts";
import { openStepRunner } from "./step-runner.ts";

const [weight, x] = [input("weight", "float32", [1]), input("x", "float32", [1])];

/** weight: 1, 1e30, ∞; the loss never sees it */
const step: Step = {
  name: "growing",
  state: [{ before: weight, after: mul(weight, 1e30) }],
  perStep: [x],
  metrics: [{ name: "loss", value: reduceSum(x) }],
};

async function runOn(kernels: Kernels, count: number) {
  const runtime = { ...(await nodeRuntime({ worker: false })), kernels };
  const runner = await openStepRunner(runtime, step, new Map([["weight", float32([1], [1])]]));
  const { count: done, bad } = await runner.run({ x: zeros("float32", [count, 1]) }, count);
  const [value] = (await runner.state()).get("weight")!.data;
  await runner.close();
  return { done, bad, value };
}

const grown = Math.fround(1e30);

test("with WebGPU's kernels it ends the call, at the last good step", async () => {
  const bad = { row: 1, metric: "weight", value: Infinity, isStateFinite: true };
  expect(await runOn("webgpu", 1)).toEqual({ done: 1, bad: undefined, value: grown });
  expect(await runOn("webgpu", 2)).toEqual({ done: 1, bad, value: grown });
});

test("elsewhere the next metrics that see it will tell", async () => {
  expect(await runOn("all", 2)).toEqual({ done: 2, bad: undefined, value: Infinity });
});
