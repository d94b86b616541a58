/** @file What the layers of a teacher give: a network of Potstill's own, or an .onnx file. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Dataset } from "../../data/index.ts";
import { compileGraph } from "../../engine/compile/index.ts";
import { readOnnx } from "../../engine/onnx/index.ts";
import { add, cast, mul, reduceMean } from "../../engine/ops/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import { featureGraph } from "../../engine/train/index.ts";
import { indexRange, sampleReader } from "../sample-reader.ts";
import { failure, randomModel, stripes } from "../small-problem.cases.ts";
import { studentFile } from "../student-file.ts";
import { networkOf } from "../training/model-file.ts";
import { averagedTeacher } from "./averaged-teacher.ts";
import { ensembleTeacher } from "./ensemble-teacher.ts";
import { networkTeacher } from "./network-teacher.ts";
import { onnxTeacher } from "./onnx-teacher.ts";
import type { Teacher, TeacherBatch } from "./teacher.ts";

let runtime: Runtime;
let teacher: Teacher;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  teacher = await networkTeacher(runtime, model);
});
afterAll(() => runtime.close());

const dataset: Dataset = stripes("features", 150); // no whole number of runs
const model = randomModel([12, 10], 7, 2);
const file = "teacher.onnx";
const batchOf = (count: number): Promise<TeacherBatch> =>
  sampleReader(dataset, { seed: 0, augmentation: null })(indexRange(0, count), 0);

async function asked(from: Teacher, layers: readonly string[], count = dataset.length) {
  const features = await from.features!(layers, 64);
  try {
    return { shapes: features.shapes, values: await features.ask(await batchOf(count)) };
  } finally {
    await features.close();
  }
}

describe("a network of Potstill's own", () => {
  test("gives what its layers give, the logits among them", async () => {
    const { shapes, values } = await asked(teacher, ["hidden2", "output"]);
    expect(shapes).toEqual([[10], [3]]);
    expect(values[0]).toHaveLength(1500);
    expect(values[1]).toEqual(await teacher.logits(await batchOf(150)));
  });

  test("says which layers there are", async () => {
    const { code, message } = await failure(teacher.features!(["hiden2"], 64));
    expect(code).toBe("config/unknown-name");
    expect(message).toContain('Did you mean "hidden2"? Valid: flatten, hidden1, activation1');
  });
});

describe("an .onnx file", () => {
  test("gives the same by the names of its tensors", async () => {
    const { bytes } = studentFile(model);
    const foreign = await onnxTeacher(runtime, { model: bytes, file, dataset });
    const own = await asked(teacher, ["hidden2"]);
    const { shapes, values } = await asked(foreign, ["v11"]); // the second Gemm's
    expect(shapes).toEqual(own.shapes);
    for (const [at, value] of values[0]!.entries())
      expect(value).toBeCloseTo(own.values[0]![at]!, 5);
    const { code, message } = await failure(foreign.features!(["hidden2"], 64));
    expect(code).toBe("config/unknown-name");
    expect(message).toContain("v11");
    await foreign.close();
  });

  test("refuses a tensor of another type, inside or as an output", async () => {
    const { sample, preprocessing, weights } = model;
    const about = { network: networkOf(model), sample, preprocessing, weights, batchSize: 64 };
    const graph = featureGraph(about, ["hidden1", "output"]);
    const [hidden, logits] = graph.outputs.map(({ value }) => value);
    const whole = cast(hidden!, "int32");
    const both = add(logits!, mul(reduceMean(cast(whole, "float32")), 0));
    const outputs = [
      { name: "logits", value: both },
      { name: "whole", value: whole },
    ];
    for (const shown of [outputs, outputs.slice(0, 1)]) {
      const bytes = compileGraph({ ...graph, outputs: shown });
      const inner = readOnnx(bytes, file).graph.nodes.find(
        ({ type, attrs }) => type === "Cast" && attrs.to === 6n,
      )!;
      const foreign = await onnxTeacher(runtime, { model: bytes, file, dataset, output: "logits" });
      const name = shown.length === 2 ? "whole" : inner.outputs[0]!;
      const { code, message } = await failure(foreign.features!([name], 64));
      expect(code).toBe("teacher/answer");
      expect(message).toMatch(/float32/);
      expect(message).not.toContain("please report");
      await foreign.close();
    }
  });

  test("refuses a tensor without a row for each sample", async () => {
    const { sample, preprocessing, weights } = model;
    const about = { network: networkOf(model), sample, preprocessing, weights, batchSize: 64 };
    const graph = featureGraph(about, ["hidden1", "output"]);
    const [hidden, logits] = graph.outputs;
    const mean = { name: "mean", value: reduceMean(hidden!.value, { axes: [0] }) };
    const bytes = compileGraph({ ...graph, outputs: [{ ...logits!, name: "logits" }, mean] });
    const foreign = await onnxTeacher(runtime, { model: bytes, file, dataset, output: "logits" });
    const { code, message } = await failure(foreign.features!(["mean"], 64));
    expect(code).toBe("teacher/answer");
    expect(message).toContain('tensor "mean": a feature must be float32 [batch, ...]');
    await foreign.close();
  });
});

test("an ensemble of one has its member's features; of several, and averaged, none", () => {
  expect(ensembleTeacher([teacher]).features).toBe(teacher.features);
  expect(ensembleTeacher([teacher, teacher]).features).toBeUndefined();
  expect(averagedTeacher(ensembleTeacher([teacher, teacher])).features).toBeUndefined();
});
