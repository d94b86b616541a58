import { beforeAll, describe, expect, test } from "vitest";
import { arrayDataset } from "../../src/data/index.ts";
import { runDistillation } from "../../src/distill/run-distillation.ts";
import { checksOf, finish, randomTeacher, tinyRun } from "../../src/distill/small-problem.cases.ts";
import { onnxTeacher } from "../../src/distill/teachers/index.ts";
import { input } from "../../src/engine/graph/index.ts";
import { type OnnxNode, writeOnnx } from "../../src/engine/onnx/index.ts";
import { cast, logSoftmax, mul, reduceSum, relu } from "../../src/engine/ops/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { float32 } from "../../src/engine/tensor/index.ts";
import { loadGraph, openStepRunner } from "../../src/engine/train/index.ts";
import { sampleSteps, trainSample } from "../browser/sample-steps.ts";
import { uniform } from "../support/op-cases.ts";
import { webGpuRuntime } from "../support/webgpu.ts";

/** Node's bundled WebGPU provider; on machines without a GPU, Mesa's software adapter. */
let gpu: Runtime | undefined;
let reason = "";

beforeAll(async () => {
  const found = await webGpuRuntime();
  if (typeof found === "string") reason = found;
  else gpu = found;
});

function onnxNode(type: string, inputs: readonly string[], output: string): OnnxNode {
  return { type, domain: "", inputs, outputs: [output], attrs: {} };
}

describe("on WebGPU", () => {
  test.for(["mlp", "cnn", "cnn, channels that 3 divides", "autoencoder"])(
    "%s trains as on the CPU",
    async (name, { skip }) => {
      if (gpu === undefined) return skip(reason);
      const cpu = await nodeRuntime({ worker: false });
      const expected = await trainSample(cpu, sampleSteps[name]!, 1);
      const actual = await trainSample(gpu, sampleSteps[name]!, 1);
      for (const [slot, values] of Object.entries(expected))
        for (const [index, value] of values.entries())
          expect(Math.abs(actual[slot]![index]! - value)).toBeLessThan(1e-4);
    },
  );

  test("a whole run passes its self-checks, dropout's random numbers among them", async ({
    skip,
  }) => {
    if (gpu === undefined) return skip(reason);
    const teacher = { kind: "given", teacher: await randomTeacher(gpu) } as const;
    const student = { family: "mlp", hidden: [8], dropout: 0.2 } as const;
    const { events } = await finish(runDistillation(tinyRun(gpu, teacher, { student })));
    expect(checksOf(events)).toMatchObject({ J4: true, J7: true, J8: true });
  });

  test("a foreign teacher that normalises features answers as on the CPU", async ({ skip }) => {
    if (gpu === undefined) return skip(reason);
    const file = "normalised.onnx";
    const parts = ["scale", "bias", "mean", "variance"];
    const model = writeOnnx({
      opset: 18,
      metadata: {},
      graph: {
        name: "foreign",
        nodes: [
          onnxNode("Gemm", ["x", "kernel"], "hidden"),
          onnxNode("BatchNormalization", ["hidden", ...parts], "logits"),
        ],
        initializers: [
          { name: "kernel", value: uniform([6, 4], -1, 1) },
          ...parts.map((name, key) => ({ name, value: uniform([4], 0.5, 1.5, key) })),
        ],
        inputs: [{ name: "x", dtype: "float32", shape: ["N", 6] }],
        outputs: [{ name: "logits", dtype: "float32", shape: ["N", 4] }],
      },
    });
    const { data } = uniform([8, 6], -1, 1);
    const dataset = arrayDataset({
      ...{ name: "noise", dtype: "float32", shape: [6], data },
      labels: Int32Array.from(data.subarray(0, 8), (_, at) => at % 4),
      classNames: ["a", "b", "c", "d"],
    });
    const answers: Float32Array[] = [];
    for (const runtime of [gpu, await nodeRuntime({ worker: false })]) {
      const teacher = await onnxTeacher(runtime, { model, file, dataset, kind: "logits" });
      answers.push(await teacher.logits({ samples: float32([8, 6], data) } as never));
      await teacher.close();
    }
    const [actual, expected] = answers;
    for (const [at, value] of expected!.entries())
      expect(Math.abs(actual![at]! - value)).toBeLessThan(1e-5);
  });

  test("weights that are spoiled are named, though a relu hides them from the loss", async ({
    skip,
  }) => {
    if (gpu === undefined) return skip(reason);
    const [kernel, x] = [input("kernel", "float32", [2]), input("x", "float32", [2])];
    const step = {
      name: "hidden",
      state: [{ before: kernel, after: mul(kernel, 1) }],
      perStep: [x],
      metrics: [{ name: "loss", value: reduceSum(relu(mul(kernel, x))) }],
    };
    const start = new Map([["kernel", float32([2], [1, Number.NaN])]]);
    const runner = await openStepRunner(gpu, step, start);
    const result = await runner.run({ x: float32([3, 2], [1, 1, 1, 1, 1, 1]) }, 3);
    await runner.close();
    const bad = { row: 2, metric: "kernel", value: Number.NaN, isStateFinite: false };
    expect(result).toEqual({ metrics: {}, count: 0, bad });
  });

  test("an operator without a kernel is named", async ({ skip }) => {
    if (gpu === undefined) return skip(reason);
    const x = input("x", "float32", [4]);
    const value = cast(relu(x), "float64");
    const graph = { name: "doubles", inputs: [x], outputs: [{ name: "y", value }] };
    await expect(loadGraph(gpu, graph)).rejects.toMatchObject({
      code: "backend/operator",
      details: { operators: ["cast"] },
    });
  });

  test("a graph that is only run has its logarithm of softmax in parts", async ({ skip }) => {
    if (gpu === undefined) return skip(reason);
    const x = input("x", "float32", [1, 3]);
    const value = logSoftmax(x, -1);
    const graph = { name: "logs", inputs: [x], outputs: [{ name: "y", value }] };
    const session = await loadGraph(gpu, graph);
    const { outputs } = await session.run({ x: float32([1, 3], [1, 2, 3]) });
    await session.dispose();
    for (const [at, log] of [-2.4076059, -1.4076059, -0.4076059].entries())
      expect(outputs.y!.data[at]).toBeCloseTo(log, 5);
  });
});
