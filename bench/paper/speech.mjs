/**
 * @file The paper's Table 1 on synthetic speech: a baseline, an ensemble of ten, a distilled net of the baseline's size and
 * one of a tenth of it; frame accuracy and word error rate on sentences that were never spoken in training.
 *
 * usage: npm run build && node bench/paper/speech.mjs [--quick] [--folder runs/paper-speech] [--json FILE]
 *   [--minutes 40,6,45,6] [--test-draw 2] [--noise-draws 1] [--snr=-5,0,5] [--members 10] [--students 5] [--epochs 8,16]
 *   [--temperatures 1,2,4,8,16] [--transfer-epochs 2,4,8] [--refine-epochs 4,8,16] [--label-precision float16]
 *   [--arms transfer,…] [--threads 1] [--jobs 2] [--convolutional 3] [--prompts FOLDER]
 *
 * Everything is kept in the folder: stopped at any time and called again with the same settings, it goes on. --quick is a
 * rehearsal of all stages in minutes; its numbers mean nothing and stay in its folder. The noise is made weaker or stronger
 * until the first net's word error rate on validation is between 8 and 25 %; temperature, weights of the losses and of the
 * decoder are chosen on validation too, and which of the --epochs the pool has, and which its students of the same size
 * (the small ones have the fewest, on hard labels and on soft ones). The first drawing of the test parts was looked at while
 * fewer temperatures and epochs were tried; --test-draw says which drawing is measured. With several --noise-draws every
 * training sentence is there so many times, each time under other noise: an epoch is longer, and fewer --epochs do.
 * A fifth of the --minutes is of further speech, without labels: the pool labels it, and five more students of the
 * baseline's size learn from that alone, for one of the --transfer-epochs; then each goes on from there, for one of the
 * --refine-epochs, with the labelled speech and the pool's soft labels of it (refined). Many hours fit into memory with
 * --label-precision int8.
 * --arms says which students there are, transfer, refined, distilled, small, smallHard, all unless it is given; then rows go
 * to the folder unless --json says where, and there are no convolutional nets unless --convolutional asks for them. A later
 * call adds the others.
 * --prompts names a folder of recorded human digits, 0.wav to 9.wav (Debian's asterisk-core-sounds-en-wav has one): an
 * anecdote, of ten words by one speaker.
 * What was chosen, from what, and the floors stand in a file beside the rows (FILE-choices.json).
 * --jobs trainings run at once, and as many decoders; no number depends on that. --convolutional says how many small
 * convolutional nets of each kind there are: with 0 the table is without them, and a later call can add them.
 */

import { join } from "node:path";
import {
  ensembleTeacher,
  folderStore,
  labelAll,
  networkTeacher,
  openSoftLabels,
  packageJob,
  readModel,
  recordedAccuracy,
  jobPlace,
  runJob,
  withoutLabels,
} from "potstill/node";
import { makeCorpusFolder } from "../../scripts/speech/make-corpus.mjs";
import { openExperiment, openLanes } from "./experiment.mjs";
import { openDecoder } from "./speech-decoder.mjs";
import * as options from "./speech-options.mjs";
import { openPrompts } from "./speech-prompts.mjs";
import { heard, makeRecognizer, measure, openCorpus, scoresBySystem, tuneDecoder } from "./speech-recognition.mjs";
import { reportTable } from "./speech-table.mjs";

const { chosenArms, convolutional, folder, labelPrecision, lanes, quick, results, settings } = options;
const { threads } = settings.training;
const { say, stage, trained, noteHours } = openExperiment("speech", folder, settings);
const { runtime, inLane, close } = await openLanes(lanes);

/** Scores on the validation part, of each system of a teacher. */
const validationScores = ({ data, lengths }, teacher) =>
  scoresBySystem(teacher, data.validation, lengths("validation"));

const nameOf = (snrDb) => `noise${snrDb.join("_")}`;

async function corpusOf(snrDb) {
  const own = join(folder, nameOf(snrDb));
  await stage(`corpus-${nameOf(snrDb)}`, async () => {
    await makeCorpusFolder(join(own, "corpus"), { ...settings.corpus, snrDb }, say);
    return {};
  });
  const opened = await openCorpus(join(own, "corpus"));
  const decoder = openDecoder(makeRecognizer(opened), lanes);
  return { ...opened, decoder, store: await folderStore(join(own, "jobs")) };
}

const [fewest] = settings.epochs;
const trainingOf = (epochs, rate) => {
  const { training } = settings;
  return { epochs, ...training, ...(rate && { learningRate: { ...training.learningRate, value: rate } }) };
};
const idOf = (id, epochs) => (epochs === fewest ? id : `${id}-${epochs}-epochs`);

/** One of the pool: nets that differ by seed alone, by seeds that no student has. */
async function member({ data, store }, number, epochs) {
  const id = idOf(`pool/member-${number}`, epochs);
  const { train, validation } = data;
  const job = { id, network: settings.baseline, train, validation, training: trainingOf(epochs), seed: 1000 + number };
  const { model } = await inLane((runtime) => trained(runJob(job, { runtime, place: jobPlace(store, job.id) })));
  return networkTeacher(runtime, model, { threads });
}

/** The first net's word errors on validation decide how loud the noise is: 5 dB more or less, 2.5 after a turn. */
const noise = await stage("noise", async () => {
  const tries = [];
  for (let [shift, step] = [0, 0]; tries.length < 5; shift += step) {
    const snrDb = settings.corpus.snrDb.map((level) => level + shift);
    const corpus = await corpusOf(snrDb);
    const teacher = await member(corpus, 1, fewest);
    const recordings = (await validationScores(corpus, teacher)).get("0");
    const first = await tuneDecoder(corpus.decoder, [recordings], corpus.said("validation"));
    await teacher.close();
    await corpus.decoder.close();
    tries.push({ snrDb, ...first });
    say(`noise at ${snrDb.join(", ")} dB: ${(100 * first.wer).toFixed(1)} % of the validation words wrong`);
    if ((first.wer >= 0.08 && first.wer <= 0.25) || quick) return { chosen: tries.at(-1), tries };
    const direction = first.wer > 0.25 ? 1 : -1;
    step = step === 0 || Math.sign(step) === direction ? direction * (Math.abs(step) || 5) : -step / 2;
  }
  throw new Error("speech: no level of noise gives a word error rate between 8 and 25 %: give other --snr");
});
const corpus = await corpusOf(noise.chosen.snrDb);
const { data, lengths, said, decoder, store } = corpus;
const measuredParts = ["test", "newVoice"];
const tune = (systems) => tuneDecoder(decoder, systems, said("validation"));
const measureOn = (name, part, teacher, weightsOf) =>
  stage(`${name}-${part}`, async () => ({
    systems: await measure(decoder, teacher, data[part], lengths(part), said(part), weightsOf),
  }));
const corpusFolder = join(folder, nameOf(noise.chosen.snrDb), "corpus");
const prompts = options.prompts && (await openPrompts(runtime, options.prompts, corpusFolder));
const hear = (name, teacher, weightsOf) =>
  prompts && stage(`${name}-prompts`, async () => ({ systems: await heard(decoder, teacher, prompts, weightsOf) }));

const begun = new Map();

/**
 * Trained once, however many ask for it.
 *
 * @param labelled what the student learns from, or a function that opens it: samples and, unless it has hard labels alone,
 *   the pool's soft labels; and which net it goes on from, by its seed, if it does
 */
function student(id, network, seed, setting, labelled) {
  const whole = idOf(id, setting.epochs);
  if (!begun.has(whole)) begun.set(whole, trainStudent(whole, network, seed, setting, labelled));
  return begun.get(whole);
}

/** What an earlier start finished, without the samples that it was trained on. */
async function finished(id) {
  const [record, model] = [await store.read(`jobs/${id}/result.json`), await store.read(`jobs/${id}/model.safetensors`)];
  return record && model && { ...JSON.parse(new TextDecoder().decode(record)), model: readModel(model, id) };
}

async function trainStudent(id, network, seed, { distillation, epochs, rate }, labelled) {
  const before = await finished(id);
  if (before) return before;
  const { train, softLabels, startOf } = typeof labelled === "function" ? await labelled() : labelled;
  const { validation } = data;
  const start = await startOf?.(seed);
  const job = { id, train, validation, training: trainingOf(epochs, rate), seed };
  const whole = distillation
    ? packageJob({ ...job, student: network, softLabels, distillation, start })
    : { ...job, network };
  return inLane((runtime) => trained(runJob(whole, { runtime, place: jobPlace(store, whole.id) })));
}

/** Of every trial: no reported net has it. */
const trialSeed = 100;

/** The setting whose net is best on validation, trained by the trials' seed; the first of equals. */
async function bestOf(trials, id, network, candidates, labelled) {
  const tried = candidates.map(async ([name, setting]) => {
    const { validationAccuracy } = await student(`${id}${name}`, network, trialSeed, setting, labelled);
    return { ...setting, validationAccuracy };
  });
  trials.push(...(await Promise.all(tried)));
  const { validationAccuracy: _, ...setting } = trials.toSorted((a, b) => b.validationAccuracy - a.validationAccuracy)[0];
  return setting;
}

const hard = { train: data.train };

/** How many epochs the nets of the pool have. */
const choiceOfPool = await stage("choice-baseline", async () => {
  const trials = [];
  const candidates = settings.epochs.map((epochs) => ["", { epochs }]);
  return { chosen: await bestOf(trials, "baseline/trial", settings.baseline, candidates, hard), trials };
});
const { epochs: epochsOfPool } = choiceOfPool.chosen;
const members = await Promise.all(
  Array.from({ length: settings.members }, (_, at) => member(corpus, at + 1, epochsOfPool)),
);
const pool = ensembleTeacher(members, { combine: "arithmetic" });
/** One set of weights for all members, another for the ensemble. */
const decoding = await stage("decoder-pool", async () => {
  const { ensemble, ...own } = Object.fromEntries(await validationScores(corpus, pool));
  return { members: await tune(Object.values(own)), ensemble: await tune([ensemble]) };
});
const weightsOfPool = (name) => decoding[name === "ensemble" ? name : "members"].weights;
const poolResults = {};
for (const part of measuredParts) poolResults[part] = (await measureOn("pool", part, pool, weightsOfPool)).systems;
poolResults.prompts = (await hear("pool", pool, weightsOfPool))?.systems;

const labelStore = (name) => folderStore(join(folder, name === "train" ? "soft-labels" : `soft-labels-${name}`));
/** The pool's soft labels of a part, member by member. @returns how often the pool is right there */
const label = (name) =>
  stage(name === "train" ? "labels" : `labels-${name}`, async () => {
    const [dataset, store] = [data[name], await labelStore(name)];
    const precision = name === "train" ? "float16" : labelPrecision;
    const manifest = await labelAll({ teacher: pool, dataset, store, precision, createdBy: "bench/paper/speech" });
    return { accuracy: recordedAccuracy(manifest).accuracy };
  });
const onLabelled = { train: (await label("train")).accuracy };
const soft = { train: data.train, softLabels: await openSoftLabels(await labelStore("train")) };

/** Temperature, weights of the losses and, where there are several to choose from, epochs of a distilled net. */
function chooseDistillation(kind, network, { epochs: [first, ...more], softWeights: [softWeight, ...others], labelled }) {
  return stage(`choice-${kind}`, async () => {
    const trials = [];
    const attempt = (temperature, softWeight, epochs = first) => {
      const distillation = { temperature, softWeight, hardWeight: 1 - softWeight };
      return [`-T${temperature}-${softWeight}`, { distillation, epochs }];
    };
    const best = (candidates) => bestOf(trials, `${kind}/trial`, network, candidates, labelled);
    const { temperature } = (await best(settings.temperatures.map((each) => attempt(each, softWeight)))).distillation;
    const weighted = await best(others.map((each) => attempt(temperature, each)));
    const chosen = await best(more.map((epochs) => attempt(temperature, weighted.distillation.softWeight, epochs)));
    return { chosen, trials };
  });
}

/** Rate, weights of the losses and epochs with which the students of unlabelled speech go on. */
async function chooseRefinement(before, labelled) {
  const { temperature } = (await before).chosen.distillation;
  return stage("choice-refined", async () => {
    const trials = [];
    const { epochs: [first, ...more], rates } = settings.refine;
    const [softWeight, ...others] = settings.softWeights;
    const attempt = (rate, softWeight, epochs = first) => {
      const distillation = { temperature, softWeight, hardWeight: 1 - softWeight };
      return [`-T${temperature}-${softWeight}-${rate}`, { distillation, epochs, rate }];
    };
    const best = (candidates) => bestOf(trials, "refined/trial", settings.baseline, candidates, labelled);
    const { rate } = await best(rates.map((each) => attempt(each, softWeight)));
    const weighted = await best(others.map((each) => attempt(rate, each)));
    const chosen = await best(more.map((epochs) => attempt(rate, weighted.distillation.softWeight, epochs)));
    return { chosen, trials };
  });
}

async function students(kind, network, count, setting, labelled) {
  const systems = { test: [], newVoice: [], prompts: [] };
  const seeds = Array.from({ length: count }, (_, at) => at + 1);
  const results = await Promise.all(
    seeds.map((seed) => student(`${kind}/seed-${seed}`, network, seed, setting, labelled)),
  );
  const teachers = await Promise.all(results.map(({ model }) => networkTeacher(runtime, model, { threads })));
  const { students: decoder } = await stage(`decoder-${kind}`, async () => {
    const recordings = [];
    for (const teacher of teachers) recordings.push((await validationScores(corpus, teacher)).get("0"));
    return { students: await tune(recordings) };
  });
  const weightsOf = () => decoder.weights; // one set for all
  for (const [at, teacher] of teachers.entries()) {
    const name = `${kind}-${seeds[at]}`;
    for (const part of measuredParts)
      systems[part].push((await measureOn(name, part, teacher, weightsOf)).systems["0"]);
    systems.prompts.push((await hear(name, teacher, weightsOf))?.systems["0"]);
    await teacher.close();
  }
  return { ...systems, setting: { ...setting, decoder } };
}

const { baseline, small, cnn, softWeights } = settings;
const has = (arm) => chosenArms.includes(arm);
const hearsMore = has("transfer") || has("refined");
if (hearsMore) onLabelled.transfer = (await label("transfer")).accuracy;
let opened;
/** Speech that only the pool has labelled; opened where a student still learns from it: it is large. */
function heardOnly() {
  const open = async () => ({
    train: withoutLabels(data.transfer), // they only counted how often the pool is right
    softLabels: await openSoftLabels(await labelStore("transfer")),
  });
  opened ??= open();
  return opened;
}
/** The labelled speech, for students that go on from those of the unlabelled. */
const afterwards = {
  ...soft,
  startOf: async (seed) => {
    const { chosen } = await choices.transfer;
    const { temperature, softWeight } = chosen.distillation;
    const id = seed === trialSeed ? `transfer/trial-T${temperature}-${softWeight}` : `transfer/seed-${seed}`;
    return (await student(id, baseline, seed, chosen, heardOnly)).model;
  },
};
// all at once, in lanes: only choices must come before what they choose for
const choices = {
  ...(hearsMore && {
    transfer: chooseDistillation("transfer", baseline, {
      epochs: settings.transferEpochs,
      softWeights: [1], // there is nothing else
      labelled: heardOnly,
    }),
  }),
  ...(has("distilled") && {
    distilled: chooseDistillation("distilled", baseline, { epochs: settings.epochs, softWeights, labelled: soft }),
  }),
  // the convolutional nets are distilled as the small ones
  ...((has("small") || convolutional > 0) && {
    small: chooseDistillation("small", small, { epochs: [fewest], softWeights, labelled: soft }),
  }),
};
if (has("refined")) choices.refined = chooseRefinement(choices.transfer, afterwards);
const onHardLabels = { epochs: fewest };
const distilled = (kind, network, labelled, { count = settings.students, choice = choices[kind] } = {}) =>
  choice.then(({ chosen }) => students(kind, network, count, chosen, labelled));
const arms = Object.fromEntries(
  await Promise.all(
    Object.entries({
      ...(has("transfer") && { transfer: distilled("transfer", baseline, heardOnly) }),
      ...(has("refined") && { refined: distilled("refined", baseline, afterwards) }),
      ...(has("distilled") && { distilled: distilled("distilled", baseline, soft) }),
      ...(has("small") && { small: distilled("small", small, soft) }),
      ...(has("smallHard") && { smallHard: students("small-hard", small, settings.students, onHardLabels, hard) }),
      ...(convolutional > 0 && {
        cnn: distilled("cnn", cnn, soft, { count: convolutional, choice: choices.small }),
        cnnHard: students("cnn-hard", cnn, convolutional, onHardLabels, hard),
      }),
    }).map(async ([arm, results]) => [arm, await results]),
  ),
);
await pool.close();
await decoder.close();
await close();

const trials = { baseline: choiceOfPool.trials };
for (const [kind, choice] of Object.entries(choices)) trials[kind] = (await choice).trials;
const chosen = { noise, decoding, epochsOfPool, trials };
reportTable({ corpus, settings, onLabelled, ...chosen, poolResults, arms, prompts, quick, results, took: noteHours() });
