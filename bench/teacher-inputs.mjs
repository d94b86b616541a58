/**
 * @file What a teacher that sees more is worth: a small student of poor pictures of the digits, learned from hard labels alone,
 * from a teacher of the same poor pictures, and from a teacher of the whole ones.
 *
 * usage: npm run build && node bench/teacher-inputs.mjs [--quick] [--json FILE]
 *
 * Everything below is fixed before. Poor pictures are the digits at half the resolution (means of 2 × 2 pixels, 7 × 7), or
 * their left half alone (14 × 7). A fifth of the training samples has labels; "unlabelled" adds the others without. Both
 * teachers are one network, trained on the labelled samples, each with the best of four learning rates on the validation split. Of each
 * arm twelve settings are tried there with a seed of its own (four learning rates, with three smoothings of the hard labels, or three
 * temperatures), and the best is kept. All arms have the same initial weights and batches for each seed, and as many
 * steps; the test split is looked at once. --quick is a rehearsal; its numbers mean nothing and are not written unless asked.
 */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { arrayDataset, memoryStore, splitDataset, withTeacherInputs, withTransfer } from "../dist/data/index.js";
import { loadDigits } from "../dist/data/sources/index-node.js";
import { modelLogits, runDistillation, teacherLogits, trainTeacherAlone } from "../dist/distill/index.js";
import { accuracy, bootstrapMean, correctSamples, pairedDifference } from "../dist/distill/metrics/index.js";
import { nodeRuntime } from "../dist/engine/runtime/node.js";
import { machine, today } from "./machine.mjs";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false }, json: { type: "string" } } });
const { quick } = values;
const file = values.json ?? (quick ? undefined : fileURLToPath(new URL("./results/teacher-inputs.json", import.meta.url)));

const seeds = quick ? [1, 2] : [1, 2, 3, 4, 5];
const epochs = quick ? 2 : 40;
const share = 0.2;
const student = { family: "mlp", hidden: [32] };
const teacherNetwork = { family: "cnn", channels: [16, 32], hidden: [64] };
const teacherRates = [0.001, 0.003, 0.01, 0.03];
const rates = [0.01, 0.03, 0.1, 0.3];
const withEach = (name, options) => rates.flatMap((rate) => options.map((option) => ({ rate, [name]: option })));
const settings = {
  "hard labels": withEach("labelSmoothing", [0, 0.05, 0.1]),
  "teacher of the same": withEach("temperature", [1, 2, 4]),
  "teacher of the whole": withEach("temperature", [1, 2, 4]),
};

const side = 14;
/** of one picture of 14 × 14: what is left of it */
const views = {
  "half the resolution": {
    shape: [1, 7, 7],
    of: (pixels, y, x) => {
      const at = 2 * y * side + 2 * x;
      return Math.round((pixels[at] + pixels[at + 1] + pixels[at + side] + pixels[at + side + 1]) / 4);
    },
  },
  "the left half": { shape: [1, 14, 7], of: (pixels, y, x) => pixels[y * side + x] },
};

async function poor(dataset, { shape, of }) {
  const [, height, width] = shape;
  const pixels = new Uint8Array(dataset.length * side * side);
  await dataset.gather(Int32Array.from({ length: dataset.length }, (_, at) => at), pixels);
  const data = new Uint8Array(dataset.length * height * width);
  for (let sample = 0; sample < dataset.length; sample++) {
    const own = pixels.subarray(sample * side * side, (sample + 1) * side * side);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) data[(sample * height + y) * width + x] = of(own, y, x);
  }
  const { name, labels, classNames } = dataset;
  return arrayDataset({ name, dtype: "uint8", shape, data, labels, classNames });
}

const runtime = await nodeRuntime();
const digits = await loadDigits();
const { train: whole, validation } = splitDataset(digits.train, { validation: 0.1, seed: 1 });
const { train, validation: others } = splitDataset(whole, { validation: 1 - share, seed: 3 });
const full = { train, validation, test: digits.test, others };

async function finished(run) {
  for (;;) {
    const step = await run.next();
    if (step.done) return step.value;
  }
}

/** @returns the best of the rates on validation, open */
async function trainedTeacher(data) {
  const tried = [];
  for (const value of teacherRates) {
    const training = { epochs: quick ? 1 : 20, learningRate: { kind: "cosine", value }, threads: 2 };
    const source = { kind: "train", teacher: { network: teacherNetwork, training } };
    const own = await finished(trainTeacherAlone(source, { runtime, data, store: memoryStore() }));
    const { labels } = data.validation;
    tried.push({ own, value, right: accuracy(await teacherLogits(own, data.validation), labels) });
  }
  const best = tried.reduce((most, next) => (next.right > most.right ? next : most));
  for (const { own } of tried) if (own !== best.own) await own.close();
  return best;
}

/** @returns the students of an arm, one a seed */
async function students(data, teacher, { rate, temperature, ...own }, of) {
  const steps = (epochs * train.length) / data.train.length;
  const training = { epochs: Math.max(1, Math.round(steps)), learningRate: { kind: "cosine", value: rate }, ...own };
  const common = { runtime, data, student, training, createdBy: "bench/teacher-inputs", seeds: of };
  const taught = temperature === undefined ? { arms: ["scratch"] } : { arms: ["distilled"], distillation: { temperature } };
  const { arms: [result] } = await finished(runDistillation({ ...common, ...taught, teacher: { kind: "given", teacher } }));
  return result.runs.map(({ job }) => job);
}

/** @returns 0 for a rate that is too large to be trained with */
const validated = (data, teacher, setting) =>
  students(data, teacher, setting, [100]).then(
    ([{ validationAccuracy }]) => validationAccuracy,
    (error) => {
      if (error.code === "run/non-finite") return 0;
      throw error;
    },
  );

const rows = [];
const percent = (value) => (100 * value).toFixed(2);
const common = { metric: "test accuracy", unit: "share of 1", seeds: seeds.length, machine, date: today() };

for (const [view, of] of Object.entries(views)) {
  const low = Object.fromEntries(await Promise.all(Object.entries(full).map(async ([name, part]) => [name, await poor(part, of)])));
  const paired = Object.fromEntries(Object.entries(low).map(([name, part]) => [name, withTeacherInputs(part, full[name])]));
  const teachers = { "teacher of the same": await trainedTeacher(low), "teacher of the whole": await trainedTeacher(paired) };
  for (const [name, { own, value, right }] of Object.entries(teachers)) {
    const data = name === "teacher of the whole" ? paired.test : low.test;
    const taught = bootstrapMean([correctSamples(await teacherLogits(own, data), data.labels)]);
    console.log(`${view}: ${name} itself ${percent(taught.mean)} %, rate ${value}, validation ${percent(right)} %`);
    rows.push({ case: `${view}: the ${name}`, ...common, potstill: taught.mean, low: taught.low, high: taught.high, peerName: "none", peer: null, ratio: null, seeds: 1, chosen: { rate: value } });
  }
  let hard;
  for (const unlabelled of [false, true]) {
    const results = {};
    for (const [name, asked] of Object.entries(settings)) {
      const isHard = name === "hard labels";
      if (isHard && hard !== undefined) {
        results[name] = hard; // it has no use for samples without labels
        continue;
      }
      const parts = name === "teacher of the whole" ? paired : low;
      const all = unlabelled && !isHard ? withTransfer(parts.train, parts.others) : parts.train;
      const data = { ...parts, train: all };
      const { own: teacher } = teachers[name] ?? teachers["teacher of the same"];
      const trials = [];
      for (const setting of asked) trials.push(await validated(data, teacher, setting));
      const chosen = asked[trials.indexOf(Math.max(...trials))];
      const correct = [];
      for (const { model } of await students(data, teacher, chosen, seeds))
        correct.push(correctSamples(await modelLogits(runtime, model, low.test), low.test.labels));
      results[name] = { correct, chosen, trials };
      if (isHard) hard = results[name];
    }
    const place = `${view}${unlabelled ? ", unlabelled pairs too" : ""}, mlp ${student.hidden}`;
    for (const [name, { correct, chosen, trials }] of Object.entries(results)) {
      const own = bootstrapMean(correct);
      const facts = { case: `${place}: ${name}`, ...common, potstill: own.mean, low: own.low, high: own.high, threads: 1, chosen, validation: trials };
      const against = name === "hard labels" ? [] : Object.keys(results).slice(0, Object.keys(results).indexOf(name));
      if (against.length === 0 && !unlabelled) rows.push({ ...facts, peerName: "none", peer: null, ratio: null });
      for (const peerName of against) {
        const peer = bootstrapMean(results[peerName].correct);
        const difference = pairedDifference(correct, results[peerName].correct);
        rows.push({ ...facts, peerName, peer: peer.mean, ratio: own.mean / peer.mean, difference });
        const points = [difference.mean, difference.low, difference.high].map(percent);
        console.log(`${place}: ${name} against ${peerName} ${points[0]} [${points[1]}, ${points[2]}] points`);
      }
      console.log(`${place}: ${name} ${percent(own.mean)} %; validation ${trials.map(percent).join(", ")}; ${JSON.stringify(chosen)}`);
    }
  }
  for (const { own } of Object.values(teachers)) await own.close();
}
if (file !== undefined) writeFileSync(file, `${JSON.stringify(rows, null, 1)}\n`);
await runtime.close();
