/** @file The front door: what it opens it closes, and what its words mean. */

import { expect, test } from "vitest";
import type { Dataset } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { Distiller, type DistillerFitOptions, type DistillerOptions } from "./distiller.ts";
import { FeatureDistillation } from "./feature-distillation.ts";
import { LogitsDistillation, type NamedDistillation } from "./logits-distillation.ts";
import { bootstrapMean, correctSamples } from "./metrics/index.ts";
import { data, failure, randomTeacher } from "./small-problem.cases.ts";

const open = () => nodeRuntime({ worker: false });
const student = { family: "mlp", hidden: [8] } as const;
const options: DistillerFitOptions = {
  ...{ epochs: 2, batchSize: 16, learningRate: 0.01, seeds: [1], arms: ["distilled"] },
};
const teacher = (runtime: Runtime) => randomTeacher(runtime);

test("a teacher that a function opens is closed at the end, and where the run is refused", async () => {
  let closed = 0;
  const counted = async (runtime: Runtime) => {
    const own = await randomTeacher(runtime);
    const close = async (): Promise<void> => {
      closed += 1;
      await own.close();
    };
    return { ...own, close };
  };
  const distiller = new Distiller({ teacher: counted, student }, open);
  await distiller.fit(data, options);
  expect(closed).toBe(1);
  await failure(distiller.fit(data, { ...options, batchSize: 0 }));
  expect(closed).toBe(2);
});

test("the loss's own weights count, and those of the Distiller before them", async () => {
  const describedBy = async (more: Partial<DistillerOptions>): Promise<string> => {
    const { result } = await new Distiller({ teacher, student, ...more }, open).fit(data, options);
    return result.arms[0]!.description;
  };
  const spec = { temperature: 2, softWeight: 5, hardWeight: 1 };
  expect(await describedBy({})).toContain("weights 0.9 soft and 0.1 hard");
  expect(await describedBy({ distillationLoss: { spec } })).toContain("weights 5 soft and 1 hard");
  const both = { distillationLoss: { spec }, distillationLossWeight: 3, studentLossWeight: 0.5 };
  expect(await describedBy(both)).toContain("weights 3 soft and 0.5 hard");
});

test("an accuracy's interval is over the groups of its test samples", async () => {
  const held = (count: number) => ({
    ...data,
    test: { ...data.test, groups: Array.from(data.test.labels, (_, at) => String(at % count)) },
  });
  const distiller = new Distiller({ teacher, student }, open);
  const { student: own, result } = await distiller.fit(held(5), options);
  const correct = result.arms[0]!.runs.map((r) => correctSamples(r.testLogits, data.test.labels));
  const { mean, low, high } = bootstrapMean(correct, { groups: held(5).test.groups });
  expect(own).toMatchObject({ accuracy: mean, low, high });
  const { student: few } = await distiller.fit(held(2), options);
  expect(few).toMatchObject({ accuracy: mean, low: null, high: null });
});

test("a teacher that does not close hides neither the result nor the refusal", async () => {
  const stuck = async (runtime: Runtime) => ({
    ...(await randomTeacher(runtime)),
    close: () => Promise.reject(new Error("it does not close")),
  });
  const distiller = new Distiller({ teacher: stuck, student }, open);
  expect((await distiller.fit(data, options)).model).toBeDefined();
  expect((await failure(distiller.fit(data, { ...options, batchSize: 0 }))).code).toBe(
    "config/range",
  );
});

test("a teacher that a function lends is closed for the next run, which says so", async () => {
  const runtime = await open();
  const shared = await randomTeacher(runtime);
  const distiller = new Distiller({ teacher: async () => shared, student }, open);
  await distiller.fit(data, options);
  expect((await failure(distiller.fit(data, options))).code).toBe("teacher/closed");
  await runtime.close();
});

const grouped = (set: Dataset, names: readonly string[]): Dataset => ({
  ...set,
  groups: Array.from({ length: set.length }, (_, at) => names[at % names.length]!),
});

test("parts that are given share no group, unless the split is by sample", async () => {
  const train = grouped(data.train, ["ann", "bob"]);
  const [validation, other] = [grouped(data.validation, ["cy"]), grouped(data.test, ["bob", "di"])];
  const distiller = new Distiller({ teacher, student }, open);
  for (const given of [
    { train, test: other },
    { train, validation: other },
    { train, validation, test: other },
  ]) {
    expect((await failure(distiller.fit(given, options))).code).toBe("data/leak");
    await distiller.fit(given, { ...options, split: { by: "sample" } });
  }
});

test("data of few groups are split by sample where that is asked for", async () => {
  const two = grouped(data.train, ["ann", "bob"]);
  const distiller = new Distiller({ teacher, student }, open);
  const refused = await failure(distiller.fit(two, options));
  expect(refused.message).toContain("or split by sample");
  await distiller.fit(two, { ...options, split: { by: "sample" } });
});

test("a list of losses: features beside the logits' one, or alone beside the labels", async () => {
  const hint = FeatureDistillation({ student: "hidden1", teacher: "hidden1", weight: 2 });
  const fitted = async (distillationLoss: readonly NamedDistillation[]): Promise<string> => {
    const distiller = new Distiller({ teacher, student, distillationLoss }, open);
    return (await distiller.fit(data, options)).result.arms[0]!.description;
  };
  const features = "Features: hidden1 from the teacher's hidden1 (hint, weight 2)";
  const both = await fitted([LogitsDistillation({ temperature: 3 }), hint]);
  expect(both).toContain("T = 3, weights 0.9 soft and 0.1 hard");
  expect(both).toContain(features);
  const alone = await fitted([hint]);
  expect(alone).toContain("weights 0 soft and 0.1 hard");
  expect(alone).toContain(features);
  const similar = FeatureDistillation({ ...hint.spec.features[0]!, loss: "similarity" });
  expect(await fitted([hint, similar])).toContain("2), hidden1 from the teacher's hidden1 (sim");
});

test.each([
  ["an empty list", []],
  ["2 losses of the logits", [LogitsDistillation(), LogitsDistillation({ loss: "mse" })]],
])("%s is refused", async (got, distillationLoss) => {
  const distiller = new Distiller({ teacher, student, distillationLoss }, open);
  const { code, message } = await failure(distiller.fit(data, options));
  expect(code).toBe("config/conflict");
  expect(message).toContain(got);
});

test("a weight of the logits' loss is refused where features are alone", async () => {
  const distillationLoss = FeatureDistillation({ student: "hidden1", teacher: "hidden1" });
  const given = { teacher, student, distillationLoss, distillationLossWeight: 0.5 };
  const { code, message } = await failure(new Distiller(given, open).fit(data, options));
  expect(code).toBe("config/conflict");
  expect(message).toContain("each feature has its own");
});
