import { expect, test } from "vitest";
import { compileGraph } from "../../src/compile/index.ts";
import { definitionOf } from "../../src/ops/index.ts";
import type { Runtime } from "../../src/runtime/index.ts";
import { loadOpCases } from "../support/op-case-files.ts";
import { graphOf, sampleGraph } from "../support/op-sample.ts";
import { webGpuRuntime } from "../support/webgpu.ts";

const cases = await loadOpCases();

/** @returns the form in which WebGPU has kernels for one of the operator's samples, or null */
async function formOnWebGpu(runtime: Runtime, op: (typeof cases)[number]): Promise<string | null> {
  const samples = op.samples.filter(({ noRuntime }) => noRuntime === undefined);
  for (const form of definitionOf(op.op).forms ?? ["only"])
    for (const sample of samples) {
      const graph = sampleGraph(op, sample);
      const forms = form === "only" ? {} : { [op.op]: form };
      try {
        const session = await runtime.load(compileGraph(graphOf(graph, [graph.output]), { forms }));
        await session.dispose();
        return form;
      } catch {
        // the next sample, the next form
      }
    }
  return null;
}

test("the recorded list of operators on WebGPU is what the provider has", async ({ skip }) => {
  const runtime = await webGpuRuntime();
  if (typeof runtime === "string") return skip(runtime);
  const found: Record<string, string | null> = {};
  for (const op of cases) found[op.op] = await formOnWebGpu(runtime, op);
  await expect(`${JSON.stringify(found, null, 2)}\n`).toMatchFileSnapshot(
    "../golden/webgpu-operators.json",
  );
});
