/**
 * @file The paper's section 5 on letters: a generalist, specialists for the classes that it confuses, their combination by
 * Eq. 5, and what the paper left open: generalist and specialists distilled back into one net of the generalist's size.
 *
 * usage: npm run build && node bench/paper/specialists.mjs --data letter-recognition.data [--quick] [--folder runs/paper-specialists]
 *   [--json FILE]
 *
 * Settings are chosen on the validation part with a seed that is not reported; then five seeds, each with a generalist of its
 * own. The test part is looked at by these alone. Stopped at any time and called again, it goes on. --quick is a rehearsal; its
 * numbers mean nothing.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { memoryStore, openSoftLabels } from "../../dist/data/index.js";
import { folderStore } from "../../dist/data/sources/index-node.js";
import {
  ensembleTeacher,
  labelAll,
  modelLogits,
  networkTeacher,
  packageJob,
  runJob,
  teacherLogits,
  trainSpecialists,
} from "../../dist/distill/index.js";
import {
  accuracy,
  changesByCoverage,
  conditionalAccuracy,
  correctSamples,
  pairedDifference,
} from "../../dist/evaluate/index.js";
import { nodeRuntime } from "../../dist/runtime/node.js";
import { machine, openExperiment, today, writeJson } from "./experiment.mjs";
import { loadLetters } from "./letters-data.mjs";
import { shareKept } from "./share-kept.mjs";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    quick: { type: "boolean", default: false },
    folder: { type: "string" },
    json: { type: "string" },
  },
});
const { quick } = values;
if (values.data === undefined) {
  console.error("specialists: give --data FILE, letter-recognition.data of Debian's package opencv-doc or of UCI");
  process.exit(2);
}
const folder = values.folder ?? (quick ? "runs/paper-specialists-quick" : "runs/paper-specialists");
const epochs = quick ? 6 : 120;
const settings = {
  network: { family: "mlp", hidden: [48] },
  training: { epochs, batchSize: 64, learningRate: { kind: "cosine", value: 0.003 } },
  specialistEpochs: quick ? 4 : 60,
  /** tried on validation, every combination */
  counts: quick ? [8] : [8, 12],
  sizes: quick ? [5] : [null, 5, 8],
  clusterTemperatures: quick ? [2] : [1, 2],
  learningRates: quick ? [0.003] : [0.003, 0.006],
  /** of the students, tried on validation by each of them */
  temperatures: quick ? [2] : [1, 2, 4],
  seeds: quick ? [1, 2] : [1, 2, 3, 4, 5],
};

const data = loadLetters(values.data);
const { say, stage, trained, noteHours } = openExperiment("specialists", folder, settings);
const store = await folderStore(join(folder, "run"));
const runtime = await nodeRuntime();
const context = { runtime, store };
const run = (job) => trained(runJob(job, context), { every: 60 });
const jobs = { run: (job) => runJob(job, context) };
const { train, validation, test } = data;
const { network, training } = settings;
const hits = (logits) => Array.from(correctSamples(logits, test.labels));

/** A net of the generalist's size with hard labels alone. */
const plainNet = (id, seed) => run({ id, network, train, validation, training, seed });

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
  return trained(trainSpecialists(model, spec, all, jobs, `${id}/`), { every: 1e9 });
}

const lettersOf = (teacher) =>
  teacher.specialists.map(({ classes }) => classes.map((index) => train.classNames[index]).join(""));

async function student(id, teacher, { temperature, seed }) {
  const labels = memoryStore();
  await labelAll({ teacher, dataset: train, store: labels });
  const softLabels = await openSoftLabels(labels);
  const distillation = { temperature };
  return run(packageJob({ id, softLabels, train, validation, student: network, training, distillation, seed }));
}

/** Settings, chosen with seed 0 on validation. */
const tuned = await stage("chosen", async () => {
  const { model } = await plainNet("tuning/generalist", 100);
  const trials = [];
  for (const count of settings.counts)
    for (const size of settings.sizes)
      for (const temperature of settings.clusterTemperatures)
        for (const learningRate of settings.learningRates) {
          const trial = { count, size, temperature, learningRate };
          const id = `tuning/${count}-${size}-${temperature}-${learningRate}`;
          const teacher = await specialistsOf(model, id, trial);
          const found = accuracy(await teacherLogits(teacher, validation), validation.labels);
          trials.push({ ...trial, sets: lettersOf(teacher), accuracy: found });
          say(`${JSON.stringify(trial)}: ${(100 * found).toFixed(2)} %`);
          await teacher.close();
        }
  const best = trials.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
  const teacher = await specialistsOf(model, `tuning/${best.count}-${best.size}-${best.temperature}-${best.learningRate}`, best);
  const generalist = await networkTeacher(runtime, model);
  const chosen = {};
  for (const [arm, source] of Object.entries({ back: teacher, again: generalist })) {
    const tries = [];
    for (const temperature of settings.temperatures) {
      const job = await student(`tuning/${arm}-${temperature}`, source, { temperature, seed: 200 });
      tries.push({ temperature, accuracy: job.validationAccuracy });
    }
    chosen[arm] = { tries, ...tries.reduce((a, b) => (b.accuracy > a.accuracy ? b : a)) };
  }
  await teacher.close();
  await generalist.close();
  return { generalist: accuracy(await modelLogits(runtime, model, validation), validation.labels), trials, best, chosen };
});

const results = [];
for (const seed of settings.seeds)
  results.push(
    await stage(`seed-${seed}`, async () => {
      const place = `seed-${seed}`;
      const { model } = await plainNet(`${place}/generalist`, seed);
      const generalist = await networkTeacher(runtime, model);
      const teacher = await specialistsOf(model, place, tuned.best);
      const sets = teacher.specialists.map(({ classes }) => classes);
      const before = await teacherLogits(generalist, test);
      const after = await teacherLogits(teacher, test);
      const back = await student(`${place}/back`, teacher, { temperature: tuned.chosen.back.temperature, seed: 200 + seed });
      const again = await student(`${place}/again`, generalist, { temperature: tuned.chosen.again.temperature, seed: 200 + seed });
      const plain = await plainNet(`${place}/plain`, 200 + seed);
      const members = [generalist];
      for (let member = 0; member < sets.length; member++) {
        const net = await plainNet(`${place}/member-${member}`, 1000 * seed + member);
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
        plain: await testOf(plain),
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

/** Table 4: the seeds' rows added up, from what each had right. */
const coverage = new Map();
for (const { sets, generalist, specialists } of results)
  for (const [sample, label] of test.labels.entries()) {
    const count = sets.filter((set) => set.includes(train.classNames[label])).length;
    const row = coverage.get(count) ?? { specialists: count, cases: 0, change: 0, before: 0 };
    row.cases += 1;
    row.before += generalist[sample];
    row.change += specialists[sample] - generalist[sample];
    coverage.set(count, row);
  }

const hours = Number(noteHours().toFixed(2));
const common = { seeds: settings.seeds.length, threads: 1, machine, date: today(), hours };
const paper = "Hinton et al. 2015, Tables 3 and 4, JFT";
/** Accuracies in per cent, differences in points. */
const row = (name, metric, potstill, peer = null, more = {}) => ({
  case: `letters, mlp 16-48-26: ${name}`,
  metric,
  unit: "%",
  potstill: potstill === null ? null : 100 * potstill,
  peerName: paper,
  peer,
  ratio: peer === null ? null : (100 * potstill) / peer,
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
const table4 = [...coverage.values()]
  .toSorted((a, b) => a.specialists - b.specialists)
  .map(({ specialists, cases, change, before }) => ({ specialists, cases, change, relative: before === 0 ? null : change / before }));

for (const { case: name, metric, potstill, peer, difference } of rows)
  console.log(name, metric, potstill, "paper:", peer, difference ?? "");
console.table(table4);
if (values.json !== undefined && !quick) {
  writeJson(values.json, rows);
  writeJson(values.json.replace(/\.json$/, "-coverage.json"), { chosen: tuned.best, students: tuned.chosen, sets: results.map(({ sets }) => sets), table4 });
}
