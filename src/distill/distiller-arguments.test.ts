/** @file What plain JavaScript may get wrong, refused before any work with a word for it. */

import { expect, test } from "vitest";
import { arrayDataset, type Dataset } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { Distiller, type DistillerOptions } from "./distiller.ts";
import { FeatureDistillation } from "./feature-distillation.ts";
import { LogitsDistillation } from "./logits-distillation.ts";
import { data, randomTeacher } from "./small-problem.cases.ts";

const open = () => nodeRuntime({ worker: false });
const base = {
  teacher: (runtime: Runtime) => randomTeacher(runtime),
  student: { family: "mlp", hidden: [8] },
};
const fit = { epochs: 1, batchSize: 16, seeds: [1], arms: ["distilled"] };

/** Without types, as JavaScript calls it. */
function made(options: object): Distiller {
  return new Distiller(options as DistillerOptions, open);
}
async function fitted(options: object, samples: unknown = data, more: object = {}): Promise<void> {
  await made(more === undefined ? base : { ...base, ...more }).fit(samples as Dataset, options);
}

test.each<[string, object, string]>([
  ["an option", { epoch: 5 }, 'unknown option "epoch". Did you mean "epochs"?'],
  ["of labels", { labels: { view: 4 } }, 'unknown option "view". Did you mean "views"?'],
  ["labels that are a word", { labels: "float16" }, "labels: there must be an object of options"],
  ["members", { labels: { members: "average" } }, 'unknown members "average"'],
  ["of an augmentation", { augmentation: { shfit: 1 } }, 'Did you mean "shift"?'],
  ["of penalties", { regularization: { L1: 9 } }, 'Did you mean "l1"?'],
  ["of an optimiser", { optimizer: { name: "adam", beta: 0.3 } }, 'unknown option "beta"'],
  ["an optimiser", { optimizer: "adam" }, "there must be an object of options, got string adam"],
  [
    "of a schedule",
    { learningRate: { kind: "cosine", value: 0.1, warmUp: 0.5 } },
    'training.learningRate: unknown option "warmUp". Did you mean "warmup"?',
  ],
  ["a rate", { learningRate: "0.1" }, "training.learningRate: there must be an object of options"],
  ["of tuning", { tuning: { learningRate: [0.1] } }, 'Did you mean "learningRates"?'],
  [
    "of a group",
    { parameterGroups: [{ parameters: "hidden1/*", learningRateSale: 0 }] },
    'Did you mean "learningRateScale"?',
  ],
  ["what is kept", { keep: "lastest" }, 'unknown keep "lastest"'],
  ["what decays", { decay: "kernel" }, 'unknown decay "kernel". Did you mean "kernels"?'],
  ["int8", { quantizationAware: true }, "training.quantizationAware: there must be an object"],
  ["its ranges", { quantizationAware: { ranges: "fixed" } }, 'unknown ranges "fixed"'],
  ["pruning", { pruning: { sparsity: 0.5, structure: "unit" } }, 'Did you mean "units"?'],
  ["seeds", { seeds: 3 }, "seeds must be a list, got 3. Write for example seeds: [3]"],
  ["a split", { split: { by: "speaker" } }, 'unknown by "speaker". Valid: sample, group'],
  [
    "a signal",
    { signal: new AbortController() },
    "must be an AbortSignal, got its AbortController. Give the signal",
  ],
])("fit: %s", async (_, options, message) => {
  const whole = "split" in options ? data.train : data;
  await expect(fitted({ ...fit, ...options }, whole)).rejects.toThrow(message);
});

test.each<[string, object, string]>([
  ["an option", { ...base, distilationLoss: [] }, 'Did you mean "distillationLoss"?'],
  ["a loss by name", { ...base, distillationLoss: "mse" }, "got mse. Write LogitsDistillation({"],
  ["a function", { ...base, distillationLoss: () => 0 }, "made by LogitsDistillation, Feature"],
])("Distiller: %s", (_, options, message) => {
  expect(() => made(options)).toThrow(message);
});

test.each<[string, unknown, string]>([
  ["nothing", null, "there must be a data set, or { train }"],
  ["a path", "data.csv", "got data.csv"],
  ["a promise", Promise.resolve(data), "got a promise: await it"],
  ["parts of which one is none", { ...data, validation: "v.csv" }, "each a data set"],
])("data: %s", async (_, samples, message) => {
  await expect(fitted(fit, samples)).rejects.toThrow(message);
});

test.each<[string, object, string]>([
  [
    "a loss without return",
    { distillationLoss: LogitsDistillation({ loss: (() => undefined) as never }) },
    "must return a value of the graph, float32 [], got nothing",
  ],
  [
    "an async loss",
    { distillationLoss: LogitsDistillation({ loss: (async () => 0) as never }) },
    "got a promise",
  ],
  [
    "of features",
    {
      distillationLoss: FeatureDistillation({
        student: "hidden1",
        teacher: "hidden1",
        wieght: 1,
      } as never),
    },
    'Did you mean "weight"?',
  ],
  [
    "a teacher that a function does not give",
    { teacher: async () => undefined },
    "a function that opens a teacher must give one, got undefined, without logits",
  ],
])("refused: %s", async (_, options, message) => {
  await expect(fitted(fit, data, options)).rejects.toThrow(message);
});

test.each<[string, Partial<Parameters<typeof arrayDataset>[0]>, string]>([
  ["classes in another order", { classNames: [...data.test.classNames].reverse() }, "data/class"],
  [
    "another shape",
    { shape: [1, 1], data: new Uint8Array(4).fill(1), labels: [0, 1, 2, 0] },
    "data/shape",
  ],
  ["other preprocessing", { preprocessing: { scale: 2, offset: 0 } }, "data/preprocessing"],
])("validation and test samples are of the training samples' kind: %s", async (_, change, code) => {
  const size = data.test.shape.reduce((a, b) => a * b, 1);
  const values = new Uint8Array(data.test.length * size);
  await data.test.gather(Int32Array.from(data.test.labels.keys()), values);
  const other = arrayDataset({
    ...{ name: "other", dtype: "uint8", shape: data.test.shape, data: values },
    ...{ labels: data.test.labels, classNames: data.test.classNames },
    ...change,
  });
  for (const part of ["validation", "test"])
    await expect(fitted(fit, { ...data, [part]: other })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`${part} samples must be`),
    });
});
