/**
 * @file The paper's MNIST experiments (section 3): errors of a large teacher, of a student of 2 x 800 units with hard
 * labels, and of the same student with the teacher's soft targets at T = 20; and which temperatures suit 300 and 30 units a
 * layer.
 *
 * usage: npm run build && node bench/paper/mnist.mjs [--quick] [--folder runs/paper-mnist] [--data FOLDER] [--json FILE]
 *   [--threads 1] [--jobs 2]
 *
 * Everything is kept in the folder: stopped at any time and called again, it goes on. Settings are chosen on the last 10,000
 * of the 60,000 training digits, with models that never saw them (the teacher neither); then everything is trained anew on
 * all 60,000, with seeds that no choice was made by. The 10,000 test digits are looked at once, at the end. --quick is a
 * rehearsal of all stages in a minute; its numbers mean nothing and stay in its folder. --jobs trainings run at once; no
 * number depends on that.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bootstrapMean, correctSamples, gainKept, pairedDifference } from "potstill/evaluate";
import {
  folderStore,
  labelAll,
  modelLogits,
  networkTeacher,
  openSoftLabels,
  packageJob,
  jobPlace,
  runJob,
  subset,
} from "potstill/node";
import { machine, today } from "../machine.mjs";
import { openExperiment, openLanes, writeJson } from "./experiment.mjs";
import { loadMnist } from "./mnist-data.mjs";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    folder: { type: "string" },
    data: { type: "string" },
    json: { type: "string" },
    threads: { type: "string", default: "1" },
    jobs: { type: "string", default: "2" },
  },
});
const { quick } = values;
const folder = values.folder ?? (quick ? "runs/paper-mnist-quick" : "runs/paper-mnist");
const ownResults = fileURLToPath(new URL("../results/paper-mnist.json", import.meta.url));
const results = values.json ?? (quick ? join(folder, "rows.json") : ownResults);
const threads = Number(values.threads);

const settings = {
  samples: quick ? { train: 1500, validation: 500, test: 1000 } : { train: 60_000, validation: 10_000, test: 10_000 },
  batchSize: 128,
  threads,
  teacher: {
    hidden: quick ? [100, 100] : [1200, 1200],
    dropout: [
      { inputDropout: 0, dropout: 0.3 },
      { inputDropout: 0.1, dropout: 0.4 },
      { inputDropout: 0.2, dropout: 0.5 },
    ],
    rate: 0.1,
    maxNorm: 3.5,
    shift: 2,
    epochs: quick ? { trial: 2, final: 3 } : { trial: 25, final: 120 },
  },
  student: { width: quick ? 80 : 800, epochs: quick ? 3 : 30, fewerEpochs: [quick ? 1 : 12], temperature: 20 },
  study: [
    { width: quick ? 30 : 300, epochs: quick ? 2 : 15 },
    { width: quick ? 10 : 30, epochs: quick ? 2 : 30 },
  ],
  temperatures: quick ? [1, 20] : [1, 2, 2.5, 4, 8, 20],
  /** as many settings are tried for hard labels as for soft targets */
  hardRates: quick ? [0.05, 0.1] : [0.02, 0.05, 0.1, 0.2],
  soft: {
    rates: quick ? [0.02] : [0.02, 0.06],
    hardWeights: quick ? [0.02, 0.1] : [0.02, 0.1],
  },
  seeds: quick ? [1, 2] : [1, 2, 3, 4, 5],
};
const { say, stage, trained, noteHours } = openExperiment("mnist", folder, settings);

const mnist = await loadMnist(values.data ?? join(folder, "mnist"));
const range = (from, to) => Int32Array.from({ length: to - from }, (_, i) => from + i);
const { samples } = settings;
const split = samples.train - samples.validation;
const data = {
  tuning: subset(mnist.train, range(0, split), "mnist, first of the training digits"),
  validation: subset(mnist.train, range(split, samples.train), "mnist, last of the training digits"),
  all: subset(mnist.train, range(0, samples.train), "mnist, all training digits"),
  test: subset(mnist.test, range(0, samples.test), "mnist, test digits"),
};
const { runtime, inLane, close } = await openLanes(Number(values.jobs));
const store = await folderStore(join(folder, "jobs"));

/** Trains to the last epoch; what is called validation accuracy has no part in it. `given`: ends all trainings of a setting. */
async function train(part, job, given) {
  const training = { batchSize: settings.batchSize, threads, keep: "last", ...job.training };
  const whole = { ...job, training, train: data[part], validation: data.validation };
  const ready = "softLabels" in whole ? packageJob(whole) : whole;
  return inLane((runtime) => {
    const run = runJob(ready, { runtime, place: jobPlace(store, ready.id), checkpointSeconds: 60, ...(given && { signal: given.signal }) });
    return trained(given ? learning(run, given) : run, { every: 10 });
  });
}

/** Whether a network knows anything of digits. */
const learned = ({ validationAccuracy }) => validationAccuracy > 0.5;

/** The events of a training; when it has diverged, all of its setting are stopped. */
async function* learning(run, given) {
  for (;;) {
    const { done, value } = await run.next();
    if (done) return value;
    if (value.type === "epoch" && value.record.epoch >= 5 && !learned(value.record)) given.abort();
    yield value;
  }
}

const sgd = (epochs, rate) => ({
  epochs,
  optimizer: { name: "sgd", momentum: 0.9 },
  learningRate: { kind: "cosine", value: rate },
});
const mlp = (width) => ({ family: "mlp", hidden: [width, width] });

/** A trial's worth: errors on validation, and the loss for ties. */
function judged(setting, { history }) {
  const { validationAccuracy, validationLoss } = history.at(-1);
  return { ...setting, errors: Math.round((1 - validationAccuracy) * samples.validation), loss: validationLoss };
}
const best = (trials) => trials.toSorted((a, b) => a.errors - b.errors || a.loss - b.loss)[0];

// the teacher
function teacherJob(id, dropout, epochs, seed) {
  const { hidden, rate, maxNorm, shift } = settings.teacher;
  const training = { ...sgd(epochs, rate), maxNorm, augmentation: { shift } };
  return { id, network: { family: "mlp", hidden, ...dropout }, training, seed };
}

const teacherId = ({ inputDropout, dropout }) => `teacher/trial-${inputDropout}-${dropout}`;
const trialOfTeacher = (dropout) =>
  train("tuning", teacherJob(teacherId(dropout), dropout, settings.teacher.epochs.trial, 101));

const { chosen: dropout } = await stage("choice-teacher", async () => {
  const trials = await Promise.all(
    settings.teacher.dropout.map(async (each) => judged(each, await trialOfTeacher(each))),
  );
  const { inputDropout, dropout } = best(trials);
  return { chosen: { inputDropout, dropout }, trials };
});

/** Soft labels of a part of the digits, as they are: no shifts in the transfer set, as in the paper. */
async function labelled(name, part, { model }) {
  const teacher = await networkTeacher(runtime, model, { threads });
  const labels = await folderStore(join(folder, `soft-labels-${name}`));
  await labelAll({ teacher, dataset: data[part], store: labels, precision: "float32", createdBy: "bench/paper/mnist" });
  await teacher.close();
  return openSoftLabels(labels);
}

/** of the tuning part by the teacher that has not seen validation; of all by the final one */
let softLabels;

// students: {rate, epochs} with hard labels, {rate, epochs, hardWeight, temperature} with soft targets
function student(part, id, width, setting, seed, given) {
  const { rate, epochs, hardWeight, temperature } = setting;
  const job = { id, training: sgd(epochs, rate), seed };
  if (temperature === undefined) return train(part, { ...job, network: mlp(width) }, given);
  const distillation = { temperature, hardWeight, softWeight: 1 - hardWeight };
  return train(part, { ...job, student: mlp(width), softLabels: softLabels[part], distillation }, given);
}
const nameOf = (setting) => Object.entries(setting).map(([key, value]) => `${key}-${value}`).join("-");

/** Tries settings on validation, and the best of them with fewer epochs. */
function choose(kind, width, candidates, fewerEpochs = []) {
  return stage(`choice-${kind}`, async () => {
    const attempt = async (setting) =>
      judged(setting, await student("tuning", `${kind}/trial-${nameOf(setting)}`, width, setting, 100));
    const trials = await Promise.all(candidates.map(attempt));
    const { errors: _, loss: __, ...longest } = best(trials);
    trials.push(...(await Promise.all(fewerEpochs.map((epochs) => attempt({ ...longest, epochs })))));
    const { errors, loss, ...chosen } = best(trials);
    return { chosen, validation: { errors, loss }, trials };
  });
}

const hardSettings = (epochs) => settings.hardRates.map((rate) => ({ rate, epochs }));
const softSettings = (epochs, temperature) =>
  settings.soft.rates.flatMap((rate) =>
    settings.soft.hardWeights.map((hardWeight) => ({ rate, epochs, hardWeight, temperature })),
  );

/**
 * Models on all training digits, one a seed, of the setting that is best on validation. Where one of them diverges, so that it
 * knows nothing of the digits that it is trained on, the setting is given up for the next best: that needs no test digit.
 */
async function students(kind, width, candidates, fewerEpochs) {
  const { chosen, trials } = await choose(kind, width, candidates, fewerEpochs);
  const givenUp = [];
  for (const trial of trials.toSorted((a, b) => a.errors - b.errors || a.loss - b.loss)) {
    const { errors, loss, ...setting } = trial;
    const idOf = (seed) => `${kind}/${nameOf(setting) === nameOf(chosen) ? "" : `${nameOf(setting)}/`}seed-${seed}`;
    const given = new AbortController();
    const one = (seed) => student("all", idOf(seed), width, setting, seed, given);
    const all = await Promise.allSettled(settings.seeds.map(one));
    const failed = all.find(({ status }) => status === "rejected");
    if (failed !== undefined && !given.signal.aborted) throw failed.reason;
    const results = all.flatMap(({ value }) => (value && learned(value.history.at(-1)) ? [value] : []));
    if (results.length === all.length)
      return { chosen: { ...setting, ...(givenUp.length > 0 && { givenUp }) }, validation: { errors, loss }, models: results.map(({ model }) => model) };
    givenUp.push(setting);
  }
  throw new Error(`${kind}: every setting diverged with some seed`);
}

// the long training first; students with hard labels need no teacher
const finalTraining = train("all", teacherJob("teacher/final", dropout, settings.teacher.epochs.final, 102));
const { width, epochs, fewerEpochs, temperature } = settings.student;
const hardTrainings = [
  students(`hard-${width}`, width, hardSettings(epochs), fewerEpochs),
  ...settings.study.map(({ width, epochs }) => students(`hard-${width}`, width, hardSettings(epochs))),
];
const finalTeacher = await finalTraining;
softLabels = {
  tuning: await labelled("tuning", "tuning", await trialOfTeacher(dropout)),
  all: await labelled("all", "all", finalTeacher),
};
const softTraining = students(`soft-${width}`, width, softSettings(epochs, temperature), fewerEpochs);
const studyTrainings = settings.study.map(({ width, epochs }) =>
  Promise.all(
    settings.temperatures.map(async (T) => ({ T, ...(await students(`soft-${width}-T${T}`, width, softSettings(epochs, T))) })),
  ),
);
const [hard, ...studyHard] = await Promise.all(hardTrainings);
const arms = {
  teacher: { chosen: dropout, models: [finalTeacher.model] },
  hard,
  soft: await softTraining,
};
const study = [];
for (const [at, { width }] of settings.study.entries())
  study.push({ width, hard: studyHard[at], soft: await studyTrainings[at] });

// the test digits, once
say("test");
async function tested(arm) {
  const { test } = data;
  const correct = [];
  for (const model of arm.models) correct.push(correctSamples(await modelLogits(runtime, model, test), test.labels));
  return { ...arm, correct };
}
for (const name of Object.keys(arms)) arms[name] = await tested(arms[name]);
for (const part of study) {
  part.hard = await tested(part.hard);
  part.soft = await Promise.all(part.soft.map(tested));
}
await close();

// the table
const took = noteHours();
const paper = "Hinton, Vinyals, Dean (2015), section 3";
const about = { threads, machine, date: today(), ...took };

function row(name, metric, unit, interval, { peer = null, ratio = null, ...more }) {
  const digits = (x) => Number(x.toFixed(2));
  return {
    case: `MNIST, ${name}`,
    metric,
    unit,
    potstill: interval === null ? null : digits(interval.mean),
    ...(interval && { low: digits(interval.low), high: digits(interval.high) }),
    peerName: peer === null ? null : paper,
    peer,
    ratio,
    ...more,
    ...about,
  };
}

const scaled = ({ mean, low, high }, factor) => ({ mean: mean * factor, low: low * factor, high: high * factor });
const errorsOf = ({ correct }) => correct.map((hits) => hits.map((hit) => 1 - hit));

/** Errors with their interval; `difference`: paired, against another arm. */
function errorRow(name, arm, { peer = null, against } = {}) {
  const wrong = errorsOf(arm);
  const interval = scaled(bootstrapMean(wrong), samples.test);
  const each = wrong.map((list) => list.reduce((sum, one) => sum + one, 0));
  const difference = against && scaled(pairedDifference(wrong, errorsOf(against)), samples.test);
  const more = { seeds: each.length, errors: each, settings: arm.chosen, ...(difference && { difference }) };
  return row(name, `errors of ${samples.test}`, "errors", interval, {
    peer,
    ratio: peer === null ? null : Number((peer / interval.mean).toFixed(3)),
    ...more,
  });
}

const shape = (width) => `784-${width}-${width}-10`;
const counts = {
  baseline: errorsOf(arms.hard),
  ensemble: errorsOf(arms.teacher)[0],
  students: errorsOf(arms.soft),
};
const { kept } = gainKept(counts, { lowerIsBetter: true });
const keptPaper = (100 * (146 - 74)) / (146 - 67);
const keptRow = row("distilled", "share of the gap to the teacher closed", "%", kept && scaled(kept, 100), {
  peer: Number(keptPaper.toFixed(1)),
  ratio: kept === null ? null : Number(((100 * kept.mean) / keptPaper).toFixed(3)),
  seeds: settings.seeds.length,
});
const rows = [
  errorRow(`teacher ${shape(settings.teacher.hidden[0])}: dropout, max-norm, shifts`, arms.teacher, { peer: 67 }),
  errorRow(`student ${shape(width)}, hard labels`, arms.hard, { peer: 146 }),
  errorRow(`student ${shape(width)}, soft targets, T = ${temperature}`, arms.soft, { peer: 74, against: arms.hard }),
  keptRow,
  ...study.flatMap(({ width, hard, soft }) => [
    errorRow(`student ${shape(width)}, hard labels`, hard),
    ...soft.map((arm) =>
      errorRow(`student ${shape(width)}, soft targets, T = ${arm.T}`, arm, { against: soft.at(-1) }),
    ),
  ]),
];
writeJson(results, rows);
for (const { case: name, metric, potstill, low, high, peer } of rows) {
  const shown = potstill === null ? "undefined" : `${potstill.toFixed(1)} [${low.toFixed(1)}, ${high.toFixed(1)}]`;
  console.log(`${name.padEnd(64)} ${metric.padEnd(40)} ${shown.padStart(24)}   ${peer ?? ""}`);
}
console.log(`${took.hours} hours (${took.cpuHours} of processors) on ${machine}, ${threads} thread(s); written to ${results}`);
