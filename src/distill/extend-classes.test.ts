/** @file Models with more classes: what is kept, what is drawn, where it stands. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { subset, withTeacherInputs } from "../data/index.ts";
import { initialParameters, type NetworkSpec } from "../engine/nn/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { extendClasses } from "./extend-classes.ts";
import { modelLogits } from "./model-logits.ts";
import type { DistillOptions } from "./options.ts";
import { runDistillation } from "./run-distillation.ts";
import { data, failure, finish, outcome, randomModel, tinyRun } from "./small-problem.cases.ts";
import { startWeights } from "./student-start.ts";
import { type Model, modelHash, networkOf, writeModel } from "./training/model-file.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const old = ["right", "left"];
const network = { family: "mlp", hidden: [8] } as const;

function modelOf(spec: NetworkSpec, shape: readonly number[] = [1, 6, 6]): Model {
  const sample = { dtype: "uint8", shape } as const;
  const about = { ...randomModel([8], 1), spec, sample, classNames: old };
  return { ...about, weights: initialParameters(networkOf(about).parameters, 5) };
}

describe("extendClasses", () => {
  test.each<NetworkSpec>([
    network,
    { family: "cnn", channels: [4], batchNorm: true },
    { family: "gru", units: [5] },
  ])("the model's classes keep their logits under their names, $family", async (spec) => {
    const own = modelOf(spec, spec.family === "gru" ? [6, 6] : [1, 6, 6]);
    const part = { ...data.test, shape: own.sample.shape };
    const before = await modelLogits(runtime, own, part);
    const extended = extendClasses(own, data.test.classNames, 3);
    const after = await modelLogits(runtime, extended, part);
    const column = (name: string) => data.test.classNames.indexOf(name);
    for (let sample = 0; sample < part.length; sample++)
      // the same products; matrix kernels may sum them in another order
      for (const [at, name] of old.entries())
        expect(after[3 * sample + column(name)]).toBeCloseTo(before[2 * sample + at]!, 5);
    const drawn = initialParameters(networkOf(extended).parameters, 3);
    const [name] = [...drawn.keys()].filter((key) => key.endsWith("kernel")).slice(-1);
    const [got, fresh] = [extended.weights.get(name!)!, drawn.get(name!)!];
    const middles = (values: ArrayLike<number>) =>
      Array.from(values).filter((_, at) => at % 3 === column("middle")); // [in, classes]
    expect(middles(got.data as Float32Array)).toEqual(middles(fresh.data));
  });

  test("refuses classes that would be lost or are named twice, and leaves trained ranges out", async () => {
    const model = modelOf(network);
    const lost = await failure(
      Promise.resolve().then(() => extendClasses(model, ["left", "up"], 1)),
    );
    expect([lost.code, lost.message]).toEqual([
      "config/start",
      expect.stringContaining(
        "the model's classes must be among the new ones: left, up, got right",
      ),
    ]);
    const twice = await failure(
      Promise.resolve().then(() => extendClasses(model, ["left", "right", "left"], 1)),
    );
    expect(twice.message).toContain("classes must all differ");
    const ranged = { ...model, quantization: { bits: 8, perChannelDense: false, ranges: {} } };
    expect(extendClasses(ranged, data.train.classNames, 1)).not.toHaveProperty("quantization");
  });
});

describe("a run whose students start from a model", () => {
  const trained = { network, training: { epochs: 2, batchSize: 16 } } as const;
  const source = (spec: NetworkSpec = network): DistillOptions["teacher"] => ({
    kind: "train",
    teacher: { ...trained, network: spec },
  });
  const run = (more: Partial<DistillOptions>, teacher = source()) =>
    runDistillation(tinyRun(runtime, teacher, more));

  test("starts all arms alike: without a step to take, the start is what comes out", async () => {
    const start = modelOf(network);
    const training = { epochs: 1, batchSize: 16, learningRate: 1e-30, keep: "last" } as const;
    const { value } = await finish(run({ start, training }));
    const expected = startWeights(start, { network, train: data.train, seed: 1 });
    for (const { runs, description } of value.arms) {
      for (const [name, { data: values }] of runs[0]!.job.model.weights)
        for (const [at, value] of (values as Float32Array).entries())
          expect(Math.abs(value - Number(expected.get(name)!.data[at]))).toBeLessThan(1e-28); // 5 steps of Adam
      expect(description).toContain("From an earlier model's weights.");
    }
    expect(value.startHash).toBe(modelHash(start));
    expect(value.seedVaries).toContain("so that scratch is fine-tuning by hard labels alone");
  });

  test('"teacher" is the network that was trained as the teacher', async () => {
    const more = { teacherClasses: old, seeds: [4] } as const;
    const { value } = await finish(run({ ...more, start: "teacher" }));
    const start = value.teacherModels[0]!.model;
    expect(start.classNames).toEqual(old);
    const given = (await finish(run({ ...more, start }))).value;
    const alone = (await finish(run({ ...more, start, arms: ["distilled"] }))).value;
    expect(alone.seedVaries).toMatch(/^Students start from an earlier model's weights\. A seed/);
    const models = (of: typeof value) => of.arms.map(({ runs }) => outcome(runs[0]!.job));
    expect(models(value)).toEqual(models(given));
    const drawn = (await finish(run({ ...more, allowLargerStudent: true }))).value;
    expect(writeModel(drawn.arms[1]!.runs[0]!.job.model)).not.toEqual(
      writeModel(value.arms[1]!.runs[0]!.job.model),
    );
  });

  test("refuses other networks, samples, teachers and searches before anything is trained", async () => {
    const refused = async (more: Partial<DistillOptions>, teacher = source()) => {
      const { code, message } = await failure(finish(run(more, teacher)));
      return [code, message];
    };
    const other = { family: "mlp", hidden: [8], activation: "tanh" } as const;
    expect(await refused({ start: modelOf(other) })).toEqual([
      "config/start",
      expect.stringContaining("the model must be of the student's network"),
    ]);
    expect(await refused({ start: "teacher" }, source(other))).toEqual([
      "config/start",
      expect.stringContaining("the model must be of the student's network"),
    ]);
    const scaled = { ...modelOf(network), preprocessing: { scale: 1, offset: 0 } };
    expect((await refused({ start: scaled }))[0]).toBe("config/start");
    const large = { ...modelOf(network), sample: { dtype: "uint8" as const, shape: [1, 7, 7] } };
    expect((await refused({ start: large }))[0]).toBe("teacher/input-shape");
    const strange = { ...modelOf(network), classNames: ["left", "up"] };
    expect(await refused({ start: strange })).toEqual([
      "config/start",
      expect.stringMatching(/^student\.start: the model's classes must be among the new ones/),
    ]);
    const two = { kind: "train", teacher: { ...trained, members: 2 } } as const;
    expect(await refused({ start: "teacher" }, two)).toEqual([
      "config/conflict",
      expect.stringContaining("got 2 networks"),
    ]);
    const search = { around: [network], budget: {} } as unknown as NonNullable<
      DistillOptions["search"]
    >; // is refused before it is looked at
    expect(await refused({ start: modelOf(network), search })).toEqual([
      "config/conflict",
      expect.stringContaining("a start is of one network"),
    ]);
  });

  test("refuses what is no model, or without all of its weights, before anything is trained", async () => {
    const refused = async (start: unknown) => {
      const more = { start } as Partial<DistillOptions>; // as code without types gives it
      const { code, message } = await failure(finish(run(more)));
      return `${code} ${message}`;
    };
    const model = modelOf(network);
    const without = new Map([...model.weights].slice(1));
    const [name, kernel] = [...model.weights][0]!;
    const turned = new Map([...model.weights, [name, { ...kernel, shape: [8, 36] }]]);
    expect(await refused("old.safetensors")).toMatch(/^config\/type student.start: .* got old.saf/);
    expect(await refused({})).toMatch(/^config\/type .* got an object without spec, sample/);
    expect(await refused({ ...model, weights: {} })).toContain("an object without weights");
    for (const weights of [without, turned])
      expect(await refused({ ...model, weights })).toMatch(
        /^model\/weights student.start: weight "hidden1\/kernel" must be float32 \[36, 8\]/,
      );
  });

  test('"teacher" is refused where the teacher sees other inputs, of equal shape too', async () => {
    const pair = (part: typeof data.train) => withTeacherInputs(part, { ...part, name: "rich" });
    const paired = {
      ...{ train: pair(data.train), validation: pair(data.validation), test: pair(data.test) },
    };
    const { code, message } = await failure(finish(run({ start: "teacher", data: paired })));
    expect([code, message]).toEqual([
      "config/conflict",
      expect.stringContaining("got the teacher, which sees rich"),
    ]);
  });

  test("the student of all samples starts there too", async () => {
    const train = subset(data.train, [...data.train.labels.keys()].slice(0, 40), "part");
    const start = modelOf(network);
    const training = { epochs: 1, batchSize: 16, learningRate: 1e-30, keep: "last" } as const;
    const transfer = { whole: data.train, withheld: [] };
    const more = { start, training, transfer, data: { ...data, train } };
    const [whole] = (await finish(run(more))).value.transfer!.rows;
    expect(whole!.system).toBe("whole");
    const expected = startWeights(start, { network, train, seed: 1 });
    for (const [name, { data: values }] of whole!.runs[0]!.job.model.weights)
      for (const [at, value] of (values as Float32Array).entries())
        expect(Math.abs(value - Number(expected.get(name)!.data[at]))).toBeLessThan(1e-28); // a few steps of Adam
  });
});
