/**
 * @file The paper's Table 1 on synthetic speech: a baseline, an ensemble of ten, a distilled net of the baseline's size and
 * one of a tenth of it; frame accuracy and word error rate on sentences that were never spoken in training.
 *
 * usage: npm run build && node bench/paper/speech.mjs [--quick] [--folder runs/paper-speech] [--json FILE]
 *   [--network mlp|cnn] [--minutes 80,10,45,10] [--snr=-5,0,5] [--members 10] [--students 5] [--epochs 12] [--threads 2]
 *
 * Everything is kept in the folder: stopped at any time and called again with the same settings, it goes on. --quick is a
 * rehearsal of all stages in minutes; its numbers mean nothing and stay in its folder. After the first net the run ends if
 * the baseline's word error rate on validation is not between 8 and 25 %: choose another --snr and another folder.
 */

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openSoftLabels } from "../../dist/data/index.js";
import { folderStore } from "../../dist/data/sources/index-node.js";
import { ensembleTeacher, labelAll, networkTeacher, packageJob, runJob } from "../../dist/distill/index.js";
import { gainKept } from "../../dist/evaluate/index.js";
import { nodeRuntime } from "../../dist/runtime/node.js";
import { makeCorpusFolder } from "../../scripts/speech/make-corpus.mjs";
import { makeRecognizer, measure, openCorpus, scoresOf, tuneDecoder } from "./speech-recognition.mjs";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    folder: { type: "string" },
    network: { type: "string", default: "mlp" },
    json: { type: "string" },
    minutes: { type: "string" },
    snr: { type: "string", default: "-5,0,5" },
    members: { type: "string" },
    students: { type: "string" },
    epochs: { type: "string" },
    threads: { type: "string", default: "2" },
  },
});
const { quick } = values;
const numbers = (text) => text.split(",").map(Number);
const [train, validation, test, newVoice] = numbers(values.minutes ?? (quick ? "4,0.7,1,0.3" : "80,10,45,10"));
/** of the baseline's size, and of a tenth of its parameters */
const networks = {
  mlp: {
    baseline: { family: "mlp", hidden: quick ? [160, 160] : [512, 512, 512, 512] },
    small: { family: "mlp", hidden: quick ? [17] : [108, 108] },
  },
  cnn: {
    baseline: { family: "cnn", channels: quick ? [4, 8] : [32, 64], hidden: quick ? [64] : [256] },
    small: { family: "cnn", channels: quick ? [4] : [8, 16], hidden: quick ? [8] : [96] },
  },
};
const settings = {
  corpus: {
    seconds: { train: 60 * train, validation: 60 * validation, test: 60 * test, newVoice: 60 * newVoice },
    seed: 1,
    snrDb: numbers(values.snr),
    words: "all",
  },
  members: Number(values.members ?? (quick ? 3 : 10)),
  students: Number(values.students ?? (quick ? 2 : 5)),
  ...networks[values.network],
  training: {
    epochs: Number(values.epochs ?? (quick ? 3 : 12)),
    batchSize: 128,
    learningRate: { kind: "cosine", value: 0.001 },
    threads: Number(values.threads),
  },
  temperatures: quick ? [2] : [1, 2, 4],
  distillation: { softWeight: 0.5, hardWeight: 0.5 },
};
const folder = values.folder ?? (quick ? "runs/paper-speech-quick" : "runs/paper-speech");
const results = values.json ?? (quick ? join(folder, "rows.json") : resultsFile());

function resultsFile() {
  return fileURLToPath(new URL("../results/paper-speech.json", import.meta.url));
}

const say = (text) => {
  noteHours();
  console.error(`[${new Date().toISOString().slice(11, 19)}] ${text}`);
};

/** Hours that all starts in this folder have taken, those that were interrupted too. */
const hoursFile = join(folder, "hours.json");
const hoursBefore = existsSync(hoursFile) ? JSON.parse(readFileSync(hoursFile, "utf8")).hours : 0;
function noteHours() {
  const hours = hoursBefore + performance.now() / 3_600_000;
  writeFileSync(hoursFile, JSON.stringify({ hours }));
  return hours;
}

/** A stage's answer, from its file if it has been there; with the seconds that it took. */
async function stage(name, work) {
  const file = join(folder, `${name}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  say(name);
  const started = performance.now();
  const answer = { ...(await work()), seconds: (performance.now() - started) / 1000 };
  writeFileSync(`${file}.partial`, JSON.stringify(answer));
  renameSync(`${file}.partial`, file);
  return answer;
}

/** Runs a training to its end, with a line an epoch. */
async function trained(run) {
  for (;;) {
    const { done, value } = await run.next();
    if (done) return value;
    if (value.type !== "epoch") continue;
    const { record, job, epochs } = value;
    const accuracy = (100 * record.validationAccuracy).toFixed(2);
    say(`${job}: epoch ${record.epoch} of ${epochs}, ${accuracy} % of validation frames, ${record.seconds.toFixed(0)} s`);
  }
}

function checkSettings() {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "settings.json");
  const text = JSON.stringify(settings, null, 1);
  if (!existsSync(file)) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`speech: ${folder} was started with other settings (settings.json). Give another --folder.`);
    process.exit(2);
  }
}

checkSettings();
const corpusFolder = join(folder, "corpus");
await stage("corpus", async () => {
  await makeCorpusFolder(corpusFolder, settings.corpus, say);
  return {};
});
const opened = await openCorpus(corpusFolder);
const { corpus, data, lengths, said } = opened;
const recognizer = makeRecognizer(opened);
const runtime = await nodeRuntime();
const store = await folderStore(join(folder, "jobs"));
const { threads } = settings.training;

/** Systems of a teacher on the validation part: decoder weights chosen for each of the names. */
async function tune(name, teacher, names) {
  return stage(`decoder-${name}`, async () => {
    const recordings = new Map(names.map((each) => [each, []]));
    for await (const { scores } of scoresOf(teacher, data.validation, lengths("validation")))
      for (const each of names) recordings.get(each).push(scores.get(each));
    return Object.fromEntries(
      names.map((each) => [each, tuneDecoder(recognizer, recordings.get(each), said("validation"))]),
    );
  });
}

async function measureOn(name, part, teacher, weightsOf) {
  return stage(`${name}-${part}`, async () => ({
    systems: await measure(recognizer, teacher, data[part], lengths(part), said(part), weightsOf),
  }));
}

// the pool: ten nets that differ by seed alone, by seeds that no student has
async function member(number) {
  const { training, baseline: network } = settings;
  const job = { id: `pool/member-${number}`, network, train: data.train, validation: data.validation, training };
  const { model } = await trained(runJob({ ...job, seed: 1000 + number }, { runtime, store }));
  return networkTeacher(runtime, model, { threads });
}

const members = [await member(1)];
const first = (await tune("first", members[0], ["0"]))["0"];
const isNoiseRight = first.wer >= 0.08 && first.wer <= 0.25;
say(`the first net: ${(100 * first.wer).toFixed(1)} % of the validation words wrong`);
if (!isNoiseRight && !quick) {
  console.error("speech: that is not between 8 and 25 %. Choose another level of noise (--snr) and another --folder.");
  process.exit(1);
}
while (members.length < settings.members) members.push(await member(members.length + 1));
const pool = ensembleTeacher(members, { combine: "arithmetic" });
const { ensemble } = await tune("pool", pool, ["ensemble"]);
const weightsOfPool = (name) => (name === "ensemble" ? ensemble : first).weights;
const poolResults = {};
for (const part of ["test", "newVoice"]) poolResults[part] = await measureOn("pool", part, pool, weightsOfPool);

// soft labels, member by member
const labelStore = await folderStore(join(folder, "soft-labels"));
await stage("labels", async () => {
  await labelAll({ teacher: pool, dataset: data.train, store: labelStore, createdBy: "bench/paper/speech" });
  return {};
});
const softLabels = await openSoftLabels(labelStore);

async function student(id, network, seed, temperature) {
  const job = packageJob({
    id,
    softLabels,
    train: data.train,
    validation: data.validation,
    student: network,
    training: settings.training,
    distillation: { ...settings.distillation, temperature },
    seed,
  });
  return trained(runJob(job, { runtime, store }));
}

/** The temperature whose student is best on validation; a seed that no reported student has. */
async function chooseTemperature(kind, network) {
  return stage(`temperature-${kind}`, async () => {
    const trials = [];
    if (settings.temperatures.length === 1) return { chosen: settings.temperatures[0], trials };
    for (const temperature of settings.temperatures) {
      const { validationAccuracy } = await student(`${kind}/trial-T${temperature}`, network, 100, temperature);
      trials.push({ temperature, validationAccuracy });
    }
    trials.sort((a, b) => b.validationAccuracy - a.validationAccuracy);
    return { chosen: trials[0].temperature, trials };
  });
}

async function students(kind, network) {
  const { chosen } = await chooseTemperature(kind, network);
  const systems = { test: [], newVoice: [] };
  let weights;
  for (let seed = 1; seed <= settings.students; seed++) {
    const { model } = await student(`${kind}/seed-${seed}`, network, seed, chosen);
    const teacher = await networkTeacher(runtime, model, { threads });
    weights ??= (await tune(kind, teacher, ["0"]))["0"].weights; // the first one's, for all
    for (const part of ["test", "newVoice"])
      systems[part].push((await measureOn(`${kind}-${seed}`, part, teacher, () => weights)).systems["0"]);
    await teacher.close();
  }
  return { ...systems, temperature: chosen };
}

const distilled = await students("distilled", settings.baseline);
const small = await students("small", settings.small);
await pool.close();
await runtime.close();

// the table
const machine = `${cpus()[0].model.trim()}, ${cpus().length} cores`;
const date = new Date().toISOString().slice(0, 10);
const paper = "Hinton, Vinyals, Dean (2015), Table 1 (2000 h of voice search, 85 M parameters)";
const poolOf = (part) => Array.from({ length: settings.members }, (_, m) => poolResults[part].systems[m]);
const words = (part) => said(part).map(({ length }) => length);

/** Shares in percent with intervals, by resampling sentences, models and seeds. */
function compare(part, of, sizes, kind, smallestGain) {
  return gainKept(
    {
      baseline: poolOf(part).map((each) => each[of]),
      ensemble: poolResults[part].systems.ensemble[of],
      students: kind[part].map((each) => each[of]),
      sizes,
    },
    { smallestGain },
  );
}

function row(system, metric, interval, peer, better) {
  const percent = (x) => Number((100 * x).toFixed(2));
  const potstill = interval === null ? null : percent(interval.mean);
  const ratio = peer === null || potstill === null ? null : better === "high" ? potstill / peer : peer / potstill;
  return {
    case: `speech, ${system}`,
    metric,
    unit: "%",
    potstill,
    ...(interval && { low: percent(interval.low), high: percent(interval.high) }),
    peerName: peer === null ? null : paper,
    peer,
    ratio,
    threads,
    machine,
    date,
  };
}

const rows = [];
const peers = { correct: [58.9, 61.1, 60.8, 86.4], errors: [10.9, 10.7, 10.7, 100] };
const gains = {};
for (const part of ["test", "newVoice"])
  for (const of of ["correct", "errors"]) {
    const sizes = of === "correct" ? lengths(part) : words(part);
    const metric = of === "correct" ? "frame accuracy" : "word error rate";
    const better = of === "correct" ? "high" : "low";
    const where = part === "test" ? "" : ", a voice never heard";
    const [base, all, one, kept] = part === "test" ? peers[of] : [null, null, null, null];
    const own = compare(part, of, sizes, distilled, of === "correct" ? 0.015 : 0);
    const tiny = compare(part, of, sizes, small, of === "correct" ? 0.015 : 0);
    gains[`${part} ${of}`] = own.gain;
    rows.push(row(`baseline, mean of ${settings.members}${where}`, metric, own.baseline, base, better));
    rows.push(row(`ensemble of ${settings.members}${where}`, metric, own.ensemble, all, better));
    rows.push(row(`distilled, mean of ${settings.students}${where}`, metric, own.students, one, better));
    rows.push(row(`distilled, a tenth of the size${where}`, metric, tiny.students, null, better));
    rows.push(row(`distilled${where}`, `share of the gain kept, ${metric}`, own.kept, kept, "high"));
    rows.push(row(`a tenth of the size${where}`, `share of the gain kept, ${metric}`, tiny.kept, null, "high"));
  }

const gain = gains["test correct"];
const testWords = words("test").reduce((a, b) => a + b, 0);
const states = new Set(data.train.labels).size;
const floors = [
  ["vocabulary of at least 200 words", Object.keys(corpus.lexicon).length, (x) => x >= 200],
  ["at least 120 states in training", states, (x) => x >= 120],
  ["at least 5000 reference words in the test", testWords, (x) => x >= 5000],
  ["the baseline's WER on validation between 8 and 25 %", 100 * first.wer, (x) => x >= 8 && x <= 25],
  ["the ensemble gains at least 1.5 points of frames", 100 * gain.mean, (x) => x >= 1.5],
  ["and its interval excludes 0: its lower end", 100 * gain.low, (x) => x > 0],
].map(([floor, value, holds]) => ({ floor, value, holds: holds(value) }));
const counts = !quick && floors.every(({ holds }) => holds);
const hours = Number(noteHours().toFixed(2));
const report = { counts, hours, floors, settings, temperatures: [distilled.temperature, small.temperature], rows };
mkdirSync(join(results, ".."), { recursive: true });
writeFileSync(results, `${JSON.stringify(rows.map((each) => ({ ...each, counts, hours })), null, 2)}\n`);
writeFileSync(join(folder, "report.json"), `${JSON.stringify(report, null, 1)}\n`);

for (const { case: name, metric, potstill, low, high, peer } of rows) {
  const shown = potstill === null ? "undefined" : `${potstill.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  console.log(`${name.padEnd(48)} ${metric.padEnd(40)} ${shown.padStart(24)}   ${peer ?? ""}`);
}
for (const { floor, value, holds } of floors) console.log(`${holds ? "holds" : "FAILS"}: ${floor}: ${value.toFixed(1)}`);
console.log(`${hours} hours on ${machine}`);
console.log(counts ? `written to ${results}` : `these numbers do not count; written to ${results}`);
