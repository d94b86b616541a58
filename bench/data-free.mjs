/**
 * @file What students learn that see no real sample: soft labels of impressions and of noise, smooth or not, beside soft
 * labels of as many real samples, on the built-in digits, from two teachers.
 *
 * usage: npm run build && node bench/data-free.mjs [--quick] [--json FILE]
 *
 * Everything below is fixed before: of each arm four settings are tried on the validation split with a seed of its own, and
 * the best is kept. (So real validation samples choose settings; no epoch, since the last one is kept.) Every arm has the
 * same initial weights, number of samples and of epochs for each seed, which draws the generated samples too; the test
 * split is looked at once. --quick is a rehearsal; its numbers mean nothing and are not written unless asked.
 */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { memoryStore, openSoftLabels, splitDataset, subset, withoutLabels } from "../dist/data/index.js";
import { loadDigits } from "../dist/data/sources/index-node.js";
import { generateAllSamples, labelAll, modelLogits, networkTeacher, packageJob, runJob } from "../dist/distill/index.js";
import { accuracy, bootstrapMean, correctSamples, pairedDifference } from "../dist/distill/metrics/index.js";
import { nodeRuntime } from "../dist/engine/runtime/node.js";
import { permutation } from "../dist/engine/tensor/index.js";
import { machine, today } from "./machine.mjs";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false }, json: { type: "string" } } });
const { quick } = values;
const file = values.json ?? (quick ? undefined : fileURLToPath(new URL("./results/data-free.json", import.meta.url)));

const seeds = quick ? [1, 2] : [1, 2, 3, 4, 5];
const samples = quick ? 200 : 2000;
const epochs = quick ? 2 : 40;
const student = { family: "mlp", hidden: [64] };
const learningRate = { kind: "cosine", value: 0.003 };
const teachers = {
  "mlp 100": { network: { family: "mlp", hidden: [100] }, epochs: 10 },
  "cnn 16-32, batch normalisation": {
    network: { family: "cnn", channels: [16, 32], hidden: [64], batchNorm: true },
    epochs: 10,
  },
};

const descents = [
  { temperature: 1, learningRate: 0.2 },
  { temperature: 5, learningRate: 0.2 },
  { temperature: 20, learningRate: 0.2 },
  { temperature: 1, learningRate: 0.05 },
];
const noises = ["uniform", "normal"].map((distribution) => ({ kind: "noise", distribution }));
/** what makes the samples of each arm, and T of distillation */
const arms = {
  "real samples": [1, 2, 4, 8].map((T) => ({ T })),
  "impressions, smooth": descents.map((each) => ({ spec: { kind: "impressions", steps: 50, blur: 1, ...each }, T: 4 })),
  impressions: descents.map((each) => ({ spec: { kind: "impressions", steps: 50, ...each }, T: 4 })),
  "noise, smooth": [0.7, 1, 1.5, 2].map((blur) => ({ spec: { kind: "noise", blur }, T: 4 })),
  noise: noises.flatMap((spec) => [1, 4].map((T) => ({ spec, T }))),
};

const runtime = await nodeRuntime();
const digits = await loadDigits();
const { train, validation } = splitDataset(digits.train, { validation: 0.1, seed: 1 });

async function modelOf(job) {
  const run = runJob(job, { runtime });
  for (;;) {
    const step = await run.next();
    if (step.done) return step.value.model;
  }
}

/** @returns the student that learned from the teacher's soft labels alone */
async function studentOf(teacher, { spec, T }, seed) {
  const drawn = permutation(train.length, seed, "real").subarray(0, samples);
  const set =
    spec === undefined
      ? withoutLabels(subset(train, drawn, "real"))
      : await generateAllSamples({ teacher, runtime, spec: { ...spec, samples, seed } });
  const store = memoryStore();
  await labelAll({ teacher, dataset: set, store });
  const distillation = { temperature: T, softWeight: 1, hardWeight: 0 };
  const training = { epochs, learningRate, keep: "last" };
  const common = { id: "student", train: set, validation, student, training, distillation, seed };
  return modelOf(packageJob({ ...common, softLabels: await openSoftLabels(store) }));
}

const logitsOf = (model, part) => modelLogits(runtime, model, part);
const correctOf = async (model) => correctSamples(await logitsOf(model, digits.test), digits.test.labels);
const percent = (value) => (100 * value).toFixed(2);
const rows = [];

for (const [taught, { network, epochs: own }] of Object.entries(teachers)) {
  const training = { epochs: quick ? 1 : own, learningRate };
  const model = await modelOf({ id: "teacher", network, train, validation, training, seed: 1 });
  const teacher = await networkTeacher(runtime, model);
  const right = bootstrapMean([await correctOf(model)]);
  const common = { metric: "test accuracy", unit: "share of 1", machine, date: today() };
  const none = { peerName: "none", peer: null, ratio: null };
  console.log(`teacher ${taught}: ${percent(right.mean)} %`);
  rows.push({ case: `digits: teacher ${taught}`, ...common, ...none, potstill: right.mean, low: right.low, high: right.high });
  const results = {};
  for (const [name, settings] of Object.entries(arms)) {
    const trials = [];
    for (const setting of settings) {
      const logits = await logitsOf(await studentOf(teacher, setting, 100), validation);
      trials.push(accuracy(logits, validation.labels));
    }
    const chosen = settings[trials.indexOf(Math.max(...trials))];
    const correct = [];
    for (const seed of seeds) correct.push(await correctOf(await studentOf(teacher, chosen, seed)));
    results[name] = correct;
    const { mean, low, high } = bootstrapMean(correct);
    const peerName = { impressions: "noise, smooth", "impressions, smooth": "noise, smooth" }[name];
    console.log(`${name}: ${percent(mean)} % [${percent(low)}, ${percent(high)}]; ${JSON.stringify(chosen)}; validation ${trials.map(percent).join(", ")}`);
    const row = { case: `digits, ${samples} samples, teacher ${taught}: ${name}`, ...common, potstill: mean, low, high };
    rows.push({ ...row, ...none, peerName: peerName ?? "none", seeds: seeds.length, threads: 1, chosen, validation: trials });
  }
  for (const row of rows)
    if (row.peerName === "noise, smooth" && row.case.includes(`teacher ${taught}:`)) {
      const name = row.case.split(": ").at(-1);
      const difference = pairedDifference(results[name], results["noise, smooth"]);
      row.peer = bootstrapMean(results["noise, smooth"]).mean;
      Object.assign(row, { ratio: row.potstill / row.peer, difference });
      console.log(`${name} against smooth noise: ${["mean", "low", "high"].map((key) => percent(difference[key])).join(", ")} points`);
    }
  await teacher.close();
}
if (file !== undefined) writeFileSync(file, `${JSON.stringify(rows, null, 1)}\n`);
await runtime.close();
