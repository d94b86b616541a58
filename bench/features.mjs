/**
 * @file What inner layers of the teacher, and a discriminator of its logits, add to its logits: a small convolutional student
 * on a part of the digits, learned from hard labels alone, from logits, and from logits with each of these.
 *
 * usage: npm run build && node bench/features.mjs [--quick] [--arm NAME]... [--json FILE]
 *
 * Everything below is fixed before: of each arm four settings are tried on the validation split with a seed of its own (of
 * hard labels the learning rate, which all others take; of logits the temperature, which the others take; of those the weight,
 * in powers of ten), and the best is kept. Every arm has the same initial weights, batches, samples and number of epochs for each
 * seed; the test split is looked at once. --arm ("logits and graph") measures hard labels, logits and these arms; rows of others stay
 * as they are in the file. --quick is a rehearsal; its numbers mean nothing and are not written unless asked.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { memoryStore, splitDataset } from "../dist/data/index.js";
import { loadDigits } from "../dist/data/sources/index-node.js";
import { modelLogits, networkTeacher, runDistillation } from "../dist/distill/index.js";
import { bootstrapMean, correctSamples, pairedDifference } from "../dist/distill/metrics/index.js";
import { nodeRuntime } from "../dist/engine/runtime/node.js";
import { readModel } from "../dist/distill/index.js";
import { machine, today } from "./machine.mjs";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    arm: { type: "string", multiple: true },
    json: { type: "string" },
  },
});
const { quick, arm: wanted } = values;
const file = values.json ?? (quick ? undefined : fileURLToPath(new URL("./results/features.json", import.meta.url)));

const seeds = quick ? [1, 2] : [1, 2, 3, 4, 5];
const epochs = quick ? 2 : 40;
/** of the training samples: with all of them there is little left to learn */
const share = 0.2;
const student = { family: "cnn", channels: [4, 8], hidden: [16] };
const teacherOf = {
  network: { family: "cnn", channels: [16, 32], hidden: [64] },
  training: {
    epochs: quick ? 1 : 20,
    learningRate: { kind: "cosine", value: 0.003 },
    augmentation: { shift: 1 },
    threads: 2,
  },
};
/** the largest weight that is tried is that of public implementations */
const weights = { hint: 100, attention: 1000, similarity: 3000, relation: 1, graph: 25 };

const pairs = {
  hint: [{ student: "hidden1", teacher: "hidden1" }],
  "hint, of maps": [{ student: "conv2", teacher: "conv2" }],
  attention: [{ student: "conv1", teacher: "conv1" }, { student: "conv2", teacher: "conv2" }],
  similarity: [{ student: "hidden1", teacher: "hidden1" }],
  relation: [{ student: "hidden1", teacher: "hidden1" }],
  // an edge is a similarity above 0: of what is never negative
  graph: [{ student: "activation1", teacher: "activation1" }],
};

const arms = {
  "hard labels": [0.001, 0.003, 0.01, 0.03].map((rate) => ({ rate })),
  logits: [1, 2, 4, 8].map((temperature) => ({ temperature })),
  ...Object.fromEntries(
    Object.entries(pairs).map(([name, layers]) => {
      const [loss] = name.split(",");
      const tried = [0.001, 0.01, 0.1, 1].map((times) => times * weights[loss]);
      const settings = tried.map((weight) => ({ features: layers.map((each) => ({ ...each, loss, weight })) }));
      return [`logits and ${name}`, settings];
    }),
  ),
  "logits and adversarial": [0.01, 0.1, 1, 10].map((weight) => ({ adversarial: { weight } })),
};
const unknown = wanted?.find((name) => !Object.hasOwn(arms, name));
if (unknown !== undefined) throw new Error(`unknown arm "${unknown}". Arms: ${Object.keys(arms).join(", ")}`);
const isMeasured = ([name]) => wanted === undefined || ["hard labels", "logits", ...wanted].includes(name);

const runtime = await nodeRuntime();
const digits = await loadDigits();
const { train: whole, validation } = splitDataset(digits.train, { validation: 0.1, seed: 1 });
const { train } = splitDataset(whole, { validation: 1 - share, seed: 3 });
const data = { train, validation, test: digits.test };

async function finished(options) {
  const run = runDistillation({ runtime, data, createdBy: "bench/features", student, ...options });
  for (;;) {
    const step = await run.next();
    if (step.done) return step.value;
  }
}

const store = memoryStore("teacher");
const arm = (name) => (name === "hard labels" ? "scratch" : "distilled");
const teacherRun = await finished({
  teacher: { kind: "train", teacher: teacherOf },
  training: { epochs: 1 },
  ...{ seeds: [1], arms: ["scratch"], store },
});
const [{ model }] = teacherRun.teacherModels;
const teacher = await networkTeacher(runtime, model, { threads: 2, live: true });

/** @returns the students of an arm, one a seed */
async function students(name, { rate, ...distillation }, of) {
  const training = { epochs, learningRate: { kind: "cosine", value: rate } };
  const { arms: [result] } = await finished({
    teacher: { kind: "given", teacher },
    ...{ training, distillation, seeds: of, arms: [arm(name)] },
  });
  return result.runs.map(({ job }) => job);
}

const correctOf = async ({ model: own }) => correctSamples(await modelLogits(runtime, own, digits.test), digits.test.labels);
/** of each arm: which samples of the test each seed has right, and what was chosen */
const results = {};
for (const [name, own] of Object.entries(arms).filter(isMeasured)) {
  const taken = { ...results["hard labels"]?.chosen, ...results.logits?.chosen };
  const settings = own.map((setting) => ({ ...taken, ...setting }));
  const trials = [];
  for (const setting of settings) trials.push((await students(name, setting, [100]))[0].validationAccuracy);
  const chosen = settings[trials.indexOf(Math.max(...trials))];
  const correct = [];
  for (const job of await students(name, chosen, seeds)) correct.push(await correctOf(job));
  results[name] = { correct, chosen, trials };
}

const percent = (value) => (100 * value).toFixed(2);
function rowOf(name, peerName) {
  const { correct, chosen, trials } = results[name];
  const [own, peer] = [bootstrapMean(correct), bootstrapMean(results[peerName].correct)];
  const difference = pairedDifference(correct, results[peerName].correct);
  const points = [difference.mean, difference.low, difference.high].map(percent);
  console.log(`${name}: ${percent(own.mean)} %; against ${peerName} ${points[0]} [${points[1]}, ${points[2]}] points; validation ${trials.map(percent).join(", ")}`);
  return {
    ...{ case: `a fifth of the digits, cnn ${student.channels.join("-")}: ${name}`, metric: "test accuracy", unit: "share of 1" },
    ...{ potstill: own.mean, low: own.low, high: own.high, peerName, peer: peer.mean, ratio: own.mean / peer.mean, difference },
    ...{ seeds: seeds.length, threads: 1, chosen, validation: trials, machine, date: today() },
  };
}

const taught = bootstrapMean([correctSamples(teacherRun.teacherTestLogits, digits.test.labels)]);
const plain = bootstrapMean(results["hard labels"].correct);
const common = { metric: "test accuracy", unit: "share of 1", peerName: "none", peer: null, ratio: null, machine, date: today() };
console.log(`teacher: ${percent(taught.mean)} %`);
const rows = [
  { case: "a fifth of the digits: the teacher", ...common, potstill: taught.mean, low: taught.low, high: taught.high, threads: 2 },
  {
    ...{ case: `a fifth of the digits, cnn ${student.channels.join("-")}: hard labels`, ...common },
    ...{ potstill: plain.mean, low: plain.low, high: plain.high, seeds: seeds.length, threads: 1 },
    ...{ chosen: results["hard labels"].chosen, validation: results["hard labels"].trials },
  },
  ...Object.keys(results)
    .filter((name) => name !== "hard labels")
    .map((name) => rowOf(name, name === "logits" ? "hard labels" : "logits")),
];
const isThere = wanted !== undefined && file !== undefined && existsSync(file);
const others = isThere ? JSON.parse(readFileSync(file, "utf8")) : [];
const kept = others.filter((row) => rows.every((own) => own.case !== row.case));
if (file !== undefined) writeFileSync(file, `${JSON.stringify([...rows, ...kept], null, 1)}\n`);
await teacher.close();
await runtime.close();
