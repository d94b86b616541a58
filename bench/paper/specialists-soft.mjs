/**
 * @file The paper's section 6: soft targets of the generalist keep specialists from overfitting. Letters, all training samples
 * and a tenth of them: specialists on hard labels alone beside specialists with the generalist's soft targets.
 *
 * usage: npm run build && node bench/paper/specialists-soft.mjs --data letter-recognition.data [--quick] [--folder runs/paper-specialists-soft]
 *   [--json FILE]
 *
 * Sets of letters as specialists.mjs chose them: twelve of eight, from predictions softened at T = 2. Learning rates, and the
 * soft targets' weight, are chosen on the validation part with a seed that is not reported, both arms with six tries. The test
 * part is looked at by the five seeds alone. Stopped at any time and called again, it goes on. --quick is a rehearsal; its
 * numbers mean nothing and stay in the folder.
 */

import { join } from "node:path";
import { subset } from "../../dist/data/index.js";
import { folderStore } from "../../dist/data/sources/index-node.js";
import { jobPlace, runJob, teacherLogits, trainTeacherAlone } from "../../dist/distill/index.js";
import { accuracy, bootstrapMean, correctSamples } from "../../dist/distill/metrics/index.js";
import { nodeRuntime } from "../../dist/engine/runtime/node.js";
import { permutation } from "../../dist/engine/tensor/index.js";
import { machine, today } from "../machine.mjs";
import { openExperiment, writeJson } from "./experiment.mjs";
import { lettersArguments, loadLetters } from "./letters-data.mjs";

const { quick, file, folder, resultsFile } = lettersArguments("specialists-soft");
const settings = {
  network: { family: "mlp", hidden: [48] },
  epochs: quick ? 3 : 120,
  specialistEpochs: quick ? 2 : 60,
  sets: { count: 12, size: 8, temperature: 2 },
  fractions: [1, 0.1],
  generalistRates: quick ? [0.012] : [0.006, 0.012, 0.024],
  softTemperature: 2,
  /** tried on validation, as many for either arm */
  tries: {
    hard: (quick ? [0.012] : [0.003, 0.006, 0.012, 0.024, 0.048, 0.096]).map((rate) => ({ rate, softWeight: 0 })),
    soft: (quick ? [0.012] : [0.012, 0.024, 0.048]).flatMap((rate) => [1, 4].map((softWeight) => ({ rate, softWeight }))),
  },
  seeds: quick ? [1, 2] : [1, 2, 3, 4, 5],
};
const arms = Object.keys(settings.tries);

const letters = loadLetters(file);
const { say, stage, trained, noteHours } = openExperiment("specialists-soft", folder, settings);
const store = await folderStore(join(folder, "run"));
const runtime = await nodeRuntime();
const training = (epochs, value) => ({ epochs, batchSize: 64, learningRate: { kind: "cosine", value } });

/** The same samples for every seed: how few there are is the question, not which. */
function dataOf(fraction) {
  const { train } = letters;
  const chosen = permutation(train.length, 1, "fraction").slice(0, Math.round(fraction * train.length)).sort();
  return { ...letters, train: fraction === 1 ? train : subset(train, chosen, `letters/${fraction}`) };
}

async function generalistOf(id, data, seed, rate) {
  const job = { id, network: settings.network, ...data, training: training(settings.epochs, rate), seed };
  return trained(runJob(job, { runtime, place: jobPlace(store, job.id) }), { every: 1e9 });
}

async function specialistsOf(id, data, model, { rate, softWeight }) {
  const { softTemperature, sets, specialistEpochs } = settings;
  const spec = { ...sets, training: training(specialistEpochs, rate), ...(softWeight > 0 && { softWeight, softTemperature }) };
  const context = { data, runtime, store, createdBy: "bench/paper/specialists-soft.mjs" };
  return trained(trainTeacherAlone({ kind: "specialists", generalist: { kind: "model", model }, specialists: spec }, context), { every: 1e9 });
}

const bestOf = (tries) => tries.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
const validated = async (teacher) => accuracy(await teacherLogits(teacher, letters.validation), letters.validation.labels);

/** Learning rates and weights of a fraction, with a seed that is not reported. */
async function choose(fraction) {
  const data = dataOf(fraction);
  const generalists = [];
  for (const rate of settings.generalistRates) {
    const { model, validationAccuracy } = await generalistOf(`tuning/${fraction}/${rate}`, data, 100, rate);
    generalists.push({ rate, accuracy: validationAccuracy, model });
  }
  const { rate, model } = bestOf(generalists);
  const chosen = { generalist: { rate, tries: generalists.map(({ model: _, ...each }) => each) } };
  for (const arm of arms) {
    const tries = [];
    for (const [at, trial] of settings.tries[arm].entries()) {
      const teacher = await specialistsOf(`tuning/${fraction}/${arm}-${at}`, data, model, trial);
      tries.push({ ...trial, accuracy: await validated(teacher) });
      await teacher.close();
      say(`${fraction} of the samples, ${arm} ${JSON.stringify(tries.at(-1))}`);
    }
    chosen[arm] = { ...bestOf(tries), tries };
  }
  return chosen;
}

/**
 * What specialists say of samples, the dustbin corrected: how many of those that have a sample's letter are right about it
 * (`special`), and of those that have not (`others`: the dustbin is right), as shares of how many there are for a sample on
 * average. Their mean is the share that is right, and a letter that no specialist has counts for nothing.
 */
async function rightAlone({ specialists }, dataset) {
  const right = { special: Array.from(dataset.labels, () => 0), others: Array.from(dataset.labels, () => 0) };
  const asked = { special: 0, others: 0 };
  for (const { teacher, classes, dustbinCorrection } of specialists) {
    const logits = await teacherLogits(teacher, dataset);
    const width = classes.length + 1;
    for (const [sample, label] of dataset.labels.entries()) {
      const row = logits.slice(sample * width, (sample + 1) * width);
      row[classes.length] += dustbinCorrection;
      const place = classes.indexOf(label);
      const kind = place < 0 ? "others" : "special";
      asked[kind] += 1;
      if (row.indexOf(Math.max(...row)) === (place < 0 ? classes.length : place)) right[kind][sample] += 1;
    }
  }
  const sharesOf = (kind) => right[kind].map((count) => (count * dataset.length) / asked[kind]);
  return { special: sharesOf("special"), others: sharesOf("others") };
}

const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;

async function measured(fraction, chosen, seed) {
  const data = dataOf(fraction);
  const { model } = await generalistOf(`${fraction}/seed-${seed}`, data, seed, chosen.generalist.rate);
  const answer = {};
  for (const arm of arms) {
    const teacher = await specialistsOf(`${fraction}/seed-${seed}/${arm}`, data, model, chosen[arm]);
    const { special, others } = await rightAlone(teacher, letters.test);
    const seen = await rightAlone(teacher, data.train);
    const together = Array.from(correctSamples(await teacherLogits(teacher, letters.test), letters.test.labels));
    answer[arm] = { together, special, others, seenSpecial: mean(seen.special), seenOthers: mean(seen.others) };
    answer.generalist ??= Array.from(correctSamples(await teacherLogits(teacher.generalist, letters.test), letters.test.labels));
    await teacher.close();
  }
  return answer;
}

const rows = [];
const choices = {};
for (const fraction of settings.fractions) {
  const chosen = await stage(`chosen-${fraction}`, () => choose(fraction));
  choices[fraction] = chosen;
  const results = [];
  for (const seed of settings.seeds) results.push(await stage(`seed-${fraction}-${seed}`, () => measured(fraction, chosen, seed)));
  const name = fraction === 1 ? "letters" : `letters, ${100 * fraction} % of the samples`;
  const row = (what, metric, list, others) => {
    const scaled = (interval) => ({ mean: 100 * interval.mean, low: 100 * interval.low, high: 100 * interval.high });
    const differences = others?.map((other, seed) => other.map((value, at) => list[seed][at] - value));
    rows.push({
      ...{ case: `${name}: ${what}`, metric, unit: "%", potstill: 100 * mean(list.map(mean)), peerName: null, peer: null, ratio: null },
      ...(differences && { difference: scaled(bootstrapMean(differences)) }),
      ...{ seeds: settings.seeds.length, threads: 1, machine, date: today() },
    });
  };
  const of = (arm, key) => results.map(({ [arm]: result }) => result[key]);
  row("generalist", "test accuracy", results.map(({ generalist }) => generalist));
  const both = [["hard", "specialists on hard labels"], ["soft", "with soft targets; difference to hard labels"]];
  for (const [key, metric] of [["together", "test accuracy with generalist (Eq. 5)"], ["special", "own letters, each alone"], ["others", "other letters, into the dustbin"]])
    for (const [arm, what] of both) row(what, metric, of(arm, key), arm === "soft" ? of("hard", key) : undefined);
  for (const [key, metric] of [["seenSpecial", "own letters, training samples"], ["seenOthers", "other letters, training samples"]])
    for (const [arm, what] of both) row(what.split(";")[0], metric, of(arm, key).map((value) => [value]));
}
await runtime.close();
const hours = noteHours();
for (const each of rows) console.log(each.case, "|", each.metric, each.potstill.toFixed(2), each.difference ?? "");
writeJson(resultsFile, rows.map((each) => ({ ...each, ...hours })));
writeJson(resultsFile.replace(/(\.json)?$/, "-choices.json"), choices);
