/**
 * @file Learning without forgetting on the built-in digits: a model of 0 to 4 learns 5 to 9 without an old sample. Plain
 * fine-tuning, the old model's soft labels, and training on all samples, each from the old model's weights on; each chosen from
 * as many settings by its validation accuracy.
 *
 * usage: npm run build && node bench/lifelong.mjs [--quick] [--json FILE]
 *
 * Settings are chosen with seed 0, which is not among the five of the results; a seed is another split of the training part,
 * another old model's data, another student. Class biases and settings are chosen on the validation split, which has all ten
 * digits. The test split has no part in it. --quick is a rehearsal; its numbers mean nothing.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bootstrapMean, correctSamples, pairedDifference, selectScores } from "potstill/evaluate";
import {
  loadDigits,
  memoryStore,
  networkTeacher,
  nodeRuntime,
  readModel,
  runDistillation,
  splitDataset,
  subset,
  trainTeacherAlone,
} from "potstill/node";
import { machine, today } from "./machine.mjs";
import { writeJson } from "./paper/experiment.mjs";

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});
const { quick } = values;
const ownResults = fileURLToPath(new URL("results/lifelong.json", import.meta.url));
const results = values.json ?? (quick ? undefined : ownResults);

const network = { family: "mlp", hidden: [200, 200] };
const old = ["0", "1", "2", "3", "4"];
const withheld = [0, 1, 2, 3, 4];
const seeds = quick ? [1, 2] : [1, 2, 3, 4, 5];
const combined = (axes) =>
  Object.entries(axes).reduce(
    (settings, [name, list]) => settings.flatMap((each) => list.map((value) => ({ ...each, [name]: value }))),
    [{}],
  );
const rate = quick ? [0.001] : [0.0001, 0.0003, 0.001, 0.003, 0.01];
/** the same number for each: 10; "seen" leaves old classes out of the new labels' softmax */
const epochs = quick ? [1, 2] : [5, 20];
const softWeight = quick ? [1, 2] : [3, 10];
const long = [epochs.at(-1)];
const taught = "learning without forgetting";
const tried = {
  "fine-tuning": combined({ rate, hardClasses: ["all"], epochs }),
  "fine-tuning, seen": combined({ rate, hardClasses: ["seen"], epochs }),
  [`${taught}, all`]: combined({ rate, hardClasses: ["all"], epochs: long, softWeight }),
  [taught]: combined({ rate, hardClasses: ["seen"], epochs: long, softWeight }),
  "all samples": combined({ rate, epochs: quick ? [1, 2] : [10, 20] }),
};

const runtime = await nodeRuntime();
const digits = await loadDigits();

async function ended(run) {
  for (;;) {
    const { done, value } = await run.next();
    if (done) return value;
  }
}

const trainingOf = ({ rate, epochs, hardClasses = "all" }) => ({
  epochs,
  batchSize: 128,
  learningRate: { kind: "cosine", value: rate },
  keep: "last",
  hardClasses,
});

/** A split, and the old model: of the old classes' samples in its training part. */
async function startOf(seed) {
  const { train, validation } = splitDataset(digits.train, { seed, validation: 0.1 });
  const news = [...train.labels.keys()].filter((at) => !withheld.includes(train.labels[at]));
  const data = { train: subset(train, news, "digits/new"), validation, test: digits.test };
  const store = memoryStore();
  const teacher = { network, training: trainingOf({ rate: 0.002, epochs: quick ? 1 : 20 }), data: train };
  const context = { runtime, data, teacherClasses: old, store };
  const trained = await ended(trainTeacherAlone({ kind: "train", teacher }, context));
  const [model] = trained.models;
  await trained.close();
  return { data, whole: train, model, teacher: await networkTeacher(runtime, model) };
}

/** @returns validation accuracy, and test logits before and after the correction of biases */
async function student(system, { softWeight = 1, ...settings }, seed, { data, whole, model, teacher }) {
  const onAll = system === "all samples";
  const own = onAll ? { ...data, train: whole } : data;
  const result = await ended(
    runDistillation({
      runtime,
      data: own,
      teacher: { kind: "given", teacher },
      teacherClasses: old,
      start: model,
      student: network,
      training: trainingOf(settings),
      distillation: { temperature: 2, softWeight, hardWeight: 1 },
      ...(!onAll && { transfer: { whole: own.train, withheld, biasCorrection: "shared" } }),
      arms: [system.startsWith(taught) ? "distilled" : "scratch"],
      seeds: [seed],
      createdBy: "bench/lifelong.mjs",
    }),
  );
  const rows = result.transfer?.rows ?? result.arms;
  const logits = rows.map(({ runs }) => runs[0].testLogits);
  return { validation: rows.at(-1).runs[0].job.validationAccuracy, logits };
}

const chosen = {};
const first = await startOf(0);
for (const [system, settings] of Object.entries(tried)) {
  const trials = [];
  for (const each of settings)
    trials.push({ ...each, validation: (await student(system, each, 0, first)).validation });
  chosen[system] = trials.reduce((best, each) => (each.validation > best.validation ? each : best));
  console.log(system, JSON.stringify(chosen[system]));
}
await first.teacher.close();

/** the fine-tuning that was better on validation: what soft labels are compared with */
const plain = ["fine-tuning", "fine-tuning, seen"].reduce((best, each) =>
  chosen[each].validation > chosen[best].validation ? each : best,
);

/** test logits by system, before and after the correction of biases, one a seed */
const logits = {};
for (const seed of seeds) {
  const start = await startOf(seed);
  for (const [system, settings] of Object.entries(chosen))
    for (const [at, own] of (await student(system, settings, seed, start)).logits.entries())
      ((logits[system] ??= [])[at] ??= []).push(own);
  await start.teacher.close();
}

const { labels } = digits.test;
const everything = [...labels.keys()];
const samplesOf = {
  "all classes": everything,
  "old classes": everything.filter((at) => labels[at] < 5),
  "new classes": everything.filter((at) => labels[at] >= 5),
};
const right = (own, samples, classes) =>
  correctSamples(
    selectScores(own, 10, { samples, classes }),
    Int32Array.from(samples, (at) => labels[at]),
  );
/** hits a seed: over all ten outputs, and old classes where only they can be named */
const hitsOf = (all) => ({
  ...Object.fromEntries(
    Object.entries(samplesOf).map(([part, samples]) => [part, all.map((own) => right(own, samples))]),
  ),
  "old classes among themselves": all.map((own) => right(own, samplesOf["old classes"], withheld)),
});
const percent = ({ mean, low, high }) => ({ mean: 100 * mean, low: 100 * low, high: 100 * high });
const shown = ({ mean, low, high }) => `${mean.toFixed(1)} [${low.toFixed(1)}, ${high.toFixed(1)}]`;
const rows = [];
for (const [system, forms] of Object.entries(logits))
  for (const [at, all] of forms.entries()) {
    const name = `${system}${at === 0 ? "" : ", biases corrected"}`;
    const others = system.startsWith(taught) ? hitsOf(logits[plain][at]) : null;
    for (const [part, own] of Object.entries(hitsOf(all))) {
      const accuracy = percent(bootstrapMean(own));
      const difference = others && percent(pairedDifference(own, others[part]));
      const { mean: potstill, low, high } = accuracy;
      const row = { case: `digits, ${name}`, metric: `accuracy on ${part}`, unit: "%", potstill, low, high };
      const about = { setting: chosen[system], seeds: seeds.length, machine, date: today() };
      rows.push({ ...row, ...(difference && { baseline: plain, difference }), ...about });
      console.log(`${name}, ${part}: ${shown(accuracy)}${difference ? `; less ${plain} ${shown(difference)}` : ""}`);
    }
  }
if (results !== undefined) writeJson(results, rows);
await runtime.close();
