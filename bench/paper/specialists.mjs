/**
 * @file The paper's section 5 on letters: a generalist, specialists for the classes that it confuses, their combination by
 * Eq. 5, and what the paper left open: generalist and specialists distilled back into one net of the generalist's size.
 *
 * usage: npm run build && node bench/paper/specialists.mjs --data letter-recognition.data [--quick] [--folder runs/paper-specialists]
 *   [--json FILE]
 *
 * Settings are chosen on the validation part with a seed that is not reported: the learning rate of nets on hard labels, which
 * generalists, members and the student on hard labels have; then the specialists'; then temperature, hard labels' weight and
 * learning rate of the students on soft labels, each with as many tries. Then five seeds, each with a generalist of its own. The
 * test part is looked at by these alone. Stopped at any time and called again, it goes on. --quick is a rehearsal; its numbers
 * mean nothing and stay in the folder.
 */

import { join } from "node:path";
import { memoryStore, openSoftLabels } from "../../dist/data/index.js";
import { folderStore } from "../../dist/data/sources/index-node.js";
import {
  ensembleTeacher,
  labelAll,
  modelLogits,
  networkTeacher,
  packageJob,
  jobPlace,
  runJob,
  teacherLogits,
  trainTeacherAlone,
} from "../../dist/distill/index.js";
import {
  accuracy,
  changesByCoverage,
  conditionalAccuracy,
  correctSamples,
  pairedDifference,
} from "../../dist/distill/metrics/index.js";
import { nodeRuntime } from "../../dist/engine/runtime/node.js";
import { machine, today } from "../machine.mjs";
import { openExperiment, writeJson } from "./experiment.mjs";
import { lettersArguments, loadLetters } from "./letters-data.mjs";
import { shareKept } from "./share-kept.mjs";

const { quick, file, folder, resultsFile } = lettersArguments("specialists");
const settings = {
  network: { family: "mlp", hidden: [48] },
  epochs: quick ? 3 : 120,
  specialistEpochs: quick ? 2 : 60,
  /** of specialists, tried on validation, every combination */
  counts: quick ? [8] : [8, 12],
  sizes: quick ? [5] : [null, 5, 8],
  clusterTemperatures: quick ? [2] : [1, 2],
  specialistRates: quick ? [0.003] : [0.006, 0.012, 0.024],
  /** of all other nets, tried on validation; with soft labels every combination */
  learningRates: quick ? [0.003] : [0.006, 0.012, 0.024],
  temperatures: quick ? [2] : [0.5, 1, 2, 4],
  hardWeights: [0, 0.5],
  seeds: quick ? [1, 2] : [1, 2, 3, 4, 5],
};

const data = loadLetters(file);
const { say, stage, trained, noteHours } = openExperiment("specialists", folder, settings);
const store = await folderStore(join(folder, "run"));
const runtime = await nodeRuntime();
const run = (job) => trained(runJob(job, { runtime, place: jobPlace(store, job.id) }), { every: 60 });
const { train, validation, test } = data;
const { network, epochs } = settings;
const trainingAt = (value) => ({ epochs, batchSize: 64, learningRate: { kind: "cosine", value } });
const hits = (logits) => Array.from(correctSamples(logits, test.labels));

/** A net of the generalist's size with hard labels alone. */
const plainNet = (id, seed, learningRate) =>
  run({ id, network, train, validation, training: trainingAt(learningRate), seed });
const bestOf = (trials) => trials.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));

async function specialistsOf(model, id, { count, size, temperature, learningRate }) {
  const spec = {
    count,
    ...(size !== null && { size }),
    temperature,
    training: {
      epochs: settings.specialistEpochs,
      batchSize: 64,
      learningRate: { kind: "cosine", value: learningRate },
    },
  };
  const all = { data, runtime, store, createdBy: "bench/paper/specialists.mjs" };
  return trained(trainTeacherAlone({ kind: "specialists", generalist: { kind: "model", model }, specialists: spec }, all), { every: 1e9 });
}

const lettersOf = (teacher) =>
  teacher.specialists.map(({ classes }) => classes.map((index) => train.classNames[index]).join(""));

const labelsOf = async (teacher) => {
  const labels = memoryStore();
  await labelAll({ teacher, dataset: train, store: labels });
  return openSoftLabels(labels);
};

async function student(id, softLabels, { temperature, hardWeight, learningRate, seed }) {
  const distillation = { temperature, softWeight: 1 - hardWeight, hardWeight };
  const training = trainingAt(learningRate);
  return run(packageJob({ id, softLabels, train, validation, student: network, training, distillation, seed }));
}

/** A student's temperature, hard labels' weight and learning rate, chosen on validation. */
async function chooseStudent(arm, teacher) {
  const softLabels = await labelsOf(teacher);
  const tries = [];
  for (const temperature of settings.temperatures)
    for (const hardWeight of settings.hardWeights)
      for (const learningRate of settings.learningRates) {
        const trial = { temperature, hardWeight, learningRate };
        const id = `tuning/${arm}-${temperature}-${hardWeight}-${learningRate}`;
        const job = await student(id, softLabels, { ...trial, seed: 200 });
        tries.push({ ...trial, accuracy: job.validationAccuracy });
        say(`${arm} ${JSON.stringify(trial)}: ${(100 * job.validationAccuracy).toFixed(2)} %`);
      }
  return { tries, ...bestOf(tries) };
}

/** The learning rate on hard labels, chosen with a seed that is not reported. */
const plain = await stage("plain", async () => {
  const tries = [];
  for (const learningRate of settings.learningRates) {
    const { validationAccuracy } = await plainNet(`tuning/plain-${learningRate}`, 200, learningRate);
    tries.push({ learningRate, accuracy: validationAccuracy });
  }
  return { tries, ...bestOf(tries) };
});
const hardNet = (id, seed) => plainNet(id, seed, plain.learningRate);

/** Specialists' settings, and those of the students, with the same seed. */
const tuned = await stage("chosen", async () => {
  const { model } = await hardNet("tuning/generalist", 100);
  const idOf = ({ count, size, temperature, learningRate }) => `tuning/${count}-${size}-${temperature}-${learningRate}`;
  const trials = [];
  for (const count of settings.counts)
    for (const size of settings.sizes)
      for (const temperature of settings.clusterTemperatures)
        for (const learningRate of settings.specialistRates) {
          const trial = { count, size, temperature, learningRate };
          const teacher = await specialistsOf(model, idOf(trial), trial);
          const found = accuracy(await teacherLogits(teacher, validation), validation.labels);
          trials.push({ ...trial, sets: lettersOf(teacher), accuracy: found });
          say(`${JSON.stringify(trial)}: ${(100 * found).toFixed(2)} %`);
          await teacher.close();
        }
  const best = bestOf(trials);
  const teacher = await specialistsOf(model, idOf(best), best);
  const generalist = await networkTeacher(runtime, model);
  const chosen = { back: await chooseStudent("back", teacher), again: await chooseStudent("again", generalist) };
  await teacher.close();
  await generalist.close();
  return { generalist: accuracy(await modelLogits(runtime, model, validation), validation.labels), trials, best, chosen };
});

const results = [];
for (const seed of settings.seeds)
  results.push(
    await stage(`seed-${seed}`, async () => {
      const place = `seed-${seed}`;
      const { model } = await hardNet(`${place}/generalist`, seed);
      const generalist = await networkTeacher(runtime, model);
      const teacher = await specialistsOf(model, place, tuned.best);
      const sets = teacher.specialists.map(({ classes }) => classes);
      const before = await teacherLogits(generalist, test);
      const after = await teacherLogits(teacher, test);
      const { back: backSettings, again: againSettings } = tuned.chosen;
      const ownSeed = { seed: 200 + seed };
      const back = await student(`${place}/back`, await labelsOf(teacher), { ...backSettings, ...ownSeed });
      const again = await student(`${place}/again`, await labelsOf(generalist), { ...againSettings, ...ownSeed });
      const plainStudent = await hardNet(`${place}/plain`, 200 + seed);
      const members = [generalist];
      for (let member = 0; member < sets.length; member++) {
        const net = await hardNet(`${place}/member-${member}`, 1000 * seed + member);
        members.push(await networkTeacher(runtime, net.model));
      }
      const ensemble = ensembleTeacher(members);
      const together = await teacherLogits(ensemble, test);
      await ensemble.close();
      await teacher.close();
      const testOf = async ({ model: own }) => hits(await modelLogits(runtime, own, test));
      return {
        sets: lettersOf(teacher),
        parameters: { generalist: generalist.parameters, all: teacher.parameters, ensemble: ensemble.parameters },
        generalist: hits(before),
        specialists: hits(after),
        ensemble: hits(together),
        back: await testOf(back),
        again: await testOf(again),
        plain: await testOf(plainStudent),
        conditional: { before: conditionalAccuracy(before, test.labels, sets), after: conditionalAccuracy(after, test.labels, sets) },
        coverage: changesByCoverage(before, after, test.labels, sets),
      };
    }),
  );
await runtime.close();

const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
const arm = (name) => results.map((result) => Uint8Array.from(result[name]));
const share = (name) => mean(arm(name).map(mean));
const conditional = (when) => mean(results.map((result) => result.conditional[when].accuracy));
const kept = shareKept({ baseline: arm("generalist"), teacher: arm("specialists"), students: arm("back") });

/**
 * The paper's Table 4: cases, change of correct ones, relative change in per cent; by the number of specialists that cover the
 * true class, the last for ten and more.
 */
const paperTable4 = [
  [350037, 0, 0], [141993, 1421, 3.4], [67161, 1572, 7.4], [38801, 1124, 8.8], [26298, 835, 10.5], [16474, 561, 11.1],
  [10682, 362, 11.3], [7376, 232, 12.8], [4703, 182, 13.6], [4706, 208, 16.6], [9082, 324, 14.1],
];
/** Ours: the seeds' counts added up, from what each had right. */
const coverage = paperTable4.map(() => ({ cases: 0, change: 0, before: 0 }));
for (const { sets, generalist, specialists } of results)
  for (const [sample, label] of test.labels.entries()) {
    const count = sets.filter((set) => set.includes(train.classNames[label])).length;
    const counts = coverage[Math.min(count, coverage.length - 1)];
    counts.cases += 1;
    counts.before += generalist[sample];
    counts.change += specialists[sample] - generalist[sample];
  }

const common = { seeds: settings.seeds.length, threads: 1, machine, date: today(), ...noteHours() };
const paper = "Hinton et al. 2015, Tables 3 and 4, JFT";
/** Accuracies in per cent, differences in points. */
const row = (name, metric, potstill, peer = null, more = {}) => ({
  case: `letters, mlp 16-48-26: ${name}`,
  metric,
  unit: "%",
  potstill: potstill === null ? null : 100 * potstill,
  peerName: peer === null ? null : paper,
  peer,
  ratio: peer === null || potstill === null ? null : (100 * potstill) / peer,
  ...more,
  ...common,
});
const scaled = ({ mean: middle, low, high }) => ({ mean: 100 * middle, low: 100 * low, high: 100 * high });
const against = (first, second) => ({ difference: scaled(pairedDifference(arm(first), arm(second))) });
const relative = (after, before) => (after - before) / before;
const test1 = "test accuracy";
const rows = [
  row("generalist", test1, share("generalist"), 25.0),
  row("with specialists; difference to the generalist", test1, share("specialists"), 26.1, against("specialists", "generalist")),
  row("with specialists", `relative gain of ${test1}`, relative(share("specialists"), share("generalist")), 4.4),
  row("generalist", "conditional accuracy", conditional("before"), 43.1),
  row("with specialists", "conditional accuracy", conditional("after"), 45.9),
  row("with specialists", "relative gain of conditional accuracy", relative(conditional("after"), conditional("before")), 6.5),
  row("an ensemble of as many nets; difference to specialists", test1, share("ensemble"), null, against("ensemble", "specialists")),
  row("distilled back into one net; difference to the generalist", test1, share("back"), null, against("back", "generalist")),
  row("the same from the generalist alone; difference of distilled back to it", test1, share("again"), null, against("back", "again")),
  row("the same net, hard labels; difference of distilled back to it", test1, share("plain"), null, against("back", "plain")),
  row("distilled back into one net", "share of the specialists' gain kept", kept.kept?.mean ?? null, null, {
    ...(kept.kept && { low: 100 * kept.kept.low, high: 100 * kept.kept.high }),
  }),
];
const coverageRows = coverage.map(({ cases, change, before }, count) => {
  const [peerCases, peerChange, peer] = paperTable4[count];
  const specialists = `${count}${count === coverage.length - 1 ? " and more" : ""}`;
  const relativeChange = before === 0 ? null : change / before;
  const counts = { specialists, cases, change, peerCases, peerChange };
  return row(`by specialists that cover the letter: ${specialists}`, "relative change of correct ones", relativeChange, peer, counts);
});

for (const { case: name, metric, potstill, peer, difference } of [...rows, ...coverageRows])
  console.log(name, metric, potstill, "paper:", peer, difference ?? "");
const fileOf = (what) => resultsFile.replace(/(\.json)?$/, `-${what}.json`);
writeJson(resultsFile, rows);
writeJson(fileOf("coverage"), coverageRows);
writeJson(fileOf("choices"), {
  chosen: tuned.best,
  hardLabels: plain,
  students: tuned.chosen,
  sets: results.map(({ sets }) => sets),
});
