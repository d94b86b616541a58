import { beforeAll, describe, expect, test } from "vitest";
import { compileGraph } from "../../src/compile/index.ts";
import { runDistillation } from "../../src/distill/run-distillation.ts";
import { checksOf, finish, randomTeacher, tinyRun } from "../../src/distill/tiny-run.cases.ts";
import { input } from "../../src/graph/index.ts";
import { cast, relu } from "../../src/ops/index.ts";
import { loadOrName, type Runtime } from "../../src/runtime/index.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import { sampleSteps, trainSample } from "../browser/sample-steps.ts";
import { webGpuRuntime } from "../support/webgpu.ts";

/** Node's bundled WebGPU provider; on machines without a GPU, Mesa's software adapter. */
let gpu: Runtime | undefined;
let reason = "";

beforeAll(async () => {
  const found = await webGpuRuntime();
  if (typeof found === "string") reason = found;
  else gpu = found;
});

describe("on WebGPU", () => {
  test.for(["mlp", "cnn"])("%s trains as on the CPU", async (name, { skip }) => {
    if (gpu === undefined) return skip(reason);
    const cpu = await nodeRuntime({ worker: false });
    const expected = await trainSample(cpu, sampleSteps[name]!, 1);
    const actual = await trainSample(gpu, sampleSteps[name]!, 1);
    for (const [slot, values] of Object.entries(expected))
      for (const [index, value] of values.entries())
        expect(Math.abs(actual[slot]![index]! - value)).toBeLessThan(1e-4);
  });

  test("a whole run passes its self-checks, dropout's random numbers among them", async ({
    skip,
  }) => {
    if (gpu === undefined) return skip(reason);
    const teacher = { kind: "given", teacher: await randomTeacher(gpu) } as const;
    const student = { family: "mlp", hidden: [8], dropout: 0.2 } as const;
    const { events } = await finish(runDistillation(tinyRun(gpu, teacher, { student })));
    expect(checksOf(events)).toMatchObject({ J4: true, J7: true, J8: true });
  });

  test("an operator without a kernel is named", async ({ skip }) => {
    if (gpu === undefined) return skip(reason);
    const runtime = gpu;
    const x = input("x", "float32", [4]);
    const value = cast(relu(x), "float64");
    const graph = { name: "doubles", inputs: [x], outputs: [{ name: "y", value }] };
    const load = () => runtime.load(compileGraph(graph));
    await expect(loadOrName(runtime, graph, {}, load)).rejects.toMatchObject({
      code: "backend/operator",
      details: { operators: ["cast"] },
    });
  });
});
