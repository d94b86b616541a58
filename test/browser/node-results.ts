/** @file Runs the sample steps in Node before the browser starts, and hands their results over. */

import type { TestProject } from "vitest/node";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { type StateValues, sampleSteps, trainSample } from "./sample-steps.ts";

declare module "vitest" {
  interface ProvidedContext {
    nodeResults: Record<string, StateValues>;
  }
}

export async function setup(project: TestProject): Promise<void> {
  const runtime = await nodeRuntime({ worker: false, backend: "onnxruntime-node" });
  const results: Record<string, StateValues> = {};
  for (const [name, sample] of Object.entries(sampleSteps))
    results[name] = await trainSample(runtime, sample, 1);
  project.provide("nodeResults", results);
}
