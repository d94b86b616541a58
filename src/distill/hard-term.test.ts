/** @file Hard labels whose softmax runs over the classes of which there are labels. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { evaluateReference } from "../../test/reference/evaluate.ts";
import { type Dataset, subset, withLabels, withoutLabels } from "../data/index.ts";
import { gradients } from "../engine/autodiff/index.ts";
import { input } from "../engine/graph/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { type HardTermOptions, hardTerm, seenClasses } from "./hard-term.ts";
import { prepareJob, runJob } from "./job.ts";
import { data, failure, finish, outcome } from "./small-problem.cases.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const classNames = ["a", "b", "c", "d"];
const logits = [
  [0.5, -1, 2, 0.25],
  [1, 3, -2, 0.75],
  [-0.5, 0.1, 0.2, 0.3],
];
/** d, b, and one without a label, which is fed as 0 and weighs nothing */
const [labels, weights] = [
  [3, 1, 0],
  [0.5, 0.25, 0],
];

/** The term and its gradient in float64. */
function termOver(dataset: Pick<Dataset, "labels">, hardClasses: HardTermOptions["hardClasses"]) {
  const about = { ...data.train, name: "letters", classNames, labels: dataset.labels };
  const seen = seenClasses(about, hardClasses);
  const { perStep, term } = hardTerm(3, { isMixed: false, seen });
  const z = input("logits", "float32", [3, 4]);
  const { loss } = term(z);
  const outputs = [
    { name: "value", value: loss },
    { name: "gradient", value: gradients(loss, [z])[0]! },
  ];
  const feeds = {
    logits: { shape: [3, 4], data: Float64Array.from(logits.flat()) },
    labels: { shape: [3], data: Float64Array.from(labels) },
    hardSampleWeights: { shape: [3], data: Float64Array.from(weights) },
    hardWeight: { shape: [], data: Float64Array.of(1) },
  };
  const { value, gradient } = evaluateReference(
    { name: "term", inputs: [z, ...perStep], outputs },
    feeds,
  );
  return { value: value!.data[0]!, gradient: Array.from(gradient!.data) };
}

/** −Σ weight · log softmax over some classes, by hand. */
function byHand(classes: readonly number[]): number {
  return logits.reduce((sum, row, at) => {
    if (weights[at] === 0) return sum;
    const total = classes.reduce((all, label) => all + Math.exp(row[label]!), 0);
    return sum - weights[at]! * Math.log(Math.exp(row[labels[at]!]!) / total);
  }, 0);
}

test("seen: cross-entropy over the classes that have labels; no other logit has a gradient", () => {
  const some = { labels: Int32Array.of(3, 1, -1, 3) };
  const { value, gradient } = termOver(some, "seen");
  expect(value).toBeCloseTo(byHand([1, 3]), 12); // float64
  expect(gradient.filter((_, at) => [0, 2].includes(at % 4))).toEqual(new Array(6).fill(0));
  expect(gradient.slice(8)).toEqual([0, 0, 0, 0]); // of the sample without a label
  const [own, other] = [gradient[3]!, gradient[1]!];
  expect(own).toBeLessThan(0);
  expect(own + other).toBeCloseTo(0, 12);
  expect(termOver(some, "all").value).toBeCloseTo(byHand([0, 1, 2, 3]), 12);
  expect(termOver(some, undefined)).toEqual(termOver(some, "all"));
});

test("where all classes have labels, or none, it is the usual term", async () => {
  const all = { labels: Int32Array.of(0, 1, 2, 3) };
  expect(termOver(all, "seen")).toEqual(termOver(all, "all"));
  expect(seenClasses(withoutLabels(data.train), "seen")).toBeNull();
  const training = { epochs: 2, batchSize: 16 };
  const network = { family: "mlp", hidden: [8] } as const;
  const job = { id: "student", network, train: data.train, validation: data.validation, seed: 1 };
  const trained = async (hardClasses: "all" | "seen") => {
    const own = { ...job, training: { ...training, hardClasses } };
    return outcome((await finish(runJob(own, { runtime }))).value);
  };
  expect(await trained("seen")).toEqual(await trained("all"));
});

test("a class without labels keeps the logits that it had, but for what hidden layers do", async () => {
  const chosen = [...data.train.labels.keys()].filter((at) => data.train.labels[at] !== 2);
  const train = subset(data.train, chosen, "two classes");
  const network = { family: "mlp", hidden: [] } as const; // no hidden layer: nothing does
  const job = { id: "student", network, train, validation: data.validation, seed: 1 };
  const training = {
    epochs: 2,
    batchSize: 16,
    optimizer: { name: "sgd" },
    learningRate: 0.1,
  } as const;
  const { model } = (
    await finish(runJob({ ...job, training: { ...training, hardClasses: "seen" } }, { runtime }))
  ).value;
  expect(model.weights.get("output/bias")!.data[2]).toBe(0);
  const all = (await finish(runJob({ ...job, training }, { runtime }))).value.model;
  expect(all.weights.get("output/bias")!.data[2]).toBeLessThan(0);
});

test("one class alone is refused", async () => {
  const one = data.train.labels.map((label) => (label === 1 ? 1 : -1));
  const train = withLabels(data.train, one);
  const network = { family: "mlp", hidden: [8] } as const;
  const training = { epochs: 1, hardClasses: "seen" } as const;
  const job = { id: "x", network, train, validation: data.validation, training, seed: 1 };
  const { code, message } = await failure(Promise.resolve().then(() => prepareJob(job)));
  expect([code, message]).toEqual([
    "config/conflict",
    expect.stringContaining("a softmax over the classes that have labels needs two of them"),
  ]);
});
