/** @file The speech experiment's rows, the floors under which they do not count, and what is printed. */

import { gainKept } from "potstill/evaluate";
import { machine, today } from "../machine.mjs";
import { writeJson } from "./experiment.mjs";

const paper = "Hinton, Vinyals, Dean (2015), Table 1 (2000 h of voice search, 85 M parameters)";
const percent = (x) => Number((100 * x).toFixed(2));
/** What students are called, in the order of the table. */
const namesOfArms = {
  distilled: "distilled, the baseline's size",
  transfer: "distilled on unlabelled speech alone, the baseline's size",
  refined: "distilled on unlabelled speech, then on the labelled, the baseline's size",
  small: "distilled, a tenth of the size",
  smallHard: "a tenth of the size, hard labels",
  cnn: "distilled, small convolutional net",
  cnnHard: "small convolutional net, hard labels",
};
/** What the paper has of students: one of the baseline's size, on the ensemble's own training set. */
const published = { distilled: { correct: 60.8, errors: 10.7, kept: { correct: 86.4, errors: 100 } } };
/** Whose share of the ensemble's gain is asked for. */
const sharing = ["distilled", "transfer", "refined", "small"];
const sum = (list) => list.reduce((a, b) => a + b, 0);

/** What a system is called, its results, and the paper's frame accuracy and word error rate. */
function systemsOf({ poolResults, arms, settings }, part) {
  const { ensemble } = poolResults[part];
  const pool = Array.from({ length: settings.members }, (_, at) => poolResults[part][at]);
  return [
    [`baseline, mean of ${pool.length}`, pool, { correct: 58.9, errors: 10.9 }],
    [`ensemble of ${pool.length}`, [ensemble], { correct: 61.1, errors: 10.7 }],
    ...Object.entries(namesOfArms)
      .filter(([arm]) => arms[arm])
      .map(([arm, name]) => [`${name}, mean of ${arms[arm][part].length}`, arms[arm][part], published[arm]]),
  ];
}

/** Shares of the gain, with what they are shares of, by resampling sentences, models and seeds. */
function compared({ poolResults, arms, corpus, settings }, part, of, students) {
  const sizes = of === "correct" ? corpus.lengths(part) : corpus.said(part).map(({ length }) => length);
  return gainKept(
    {
      baseline: Array.from({ length: settings.members }, (_, at) => poolResults[part][at][of]),
      ensemble: poolResults[part].ensemble[of],
      students: students.map((each) => each[of]),
      sizes,
    },
    { lowerIsBetter: of === "errors", smallestGain: of === "correct" ? 0.015 : 0 },
  );
}

function makeRow(about) {
  return (name, metric, interval, { peer = null, isHighBetter = true, ...more } = {}) => {
    const potstill = interval === null ? null : percent(interval.mean);
    const ratio = peer === null || potstill === null ? null : isHighBetter ? potstill / peer : peer / potstill;
    return {
      case: `speech, ${name}`,
      metric,
      unit: "%",
      potstill,
      ...(interval?.low !== undefined && { low: percent(interval.low), high: percent(interval.high) }),
      peerName: peer === null ? null : paper,
      peer,
      ratio: ratio === null ? null : Number(ratio.toFixed(3)),
      ...more,
      ...about,
    };
  };
}

/** Substitutions, deletions and insertions in percent of the words, all models together. */
function kindsOfErrors(systems, words) {
  const share = (kind) => percent(sum(systems.map((each) => each[kind])) / (words * systems.length));
  return { substitutions: share("substitutions"), deletions: share("deletions"), insertions: share("insertions") };
}

function rowsOf(experiment, part, row) {
  const { corpus } = experiment;
  const where = part === "test" ? "" : "; a voice never heard";
  const words = sum(corpus.said(part).map(({ length }) => length));
  const rows = [];
  const shares = [];
  for (const of of ["correct", "errors"]) {
    const metric = of === "correct" ? "frame accuracy" : "word error rate";
    const isHighBetter = of === "correct";
    for (const [name, systems, theirs] of systemsOf(experiment, part)) {
      const peer = part === "test" && theirs ? theirs[of] : null;
      const { students: interval } = compared(experiment, part, of, systems);
      const kinds = of === "errors" ? kindsOfErrors(systems, words) : {};
      rows.push(row(`${name}${where}`, metric, interval, { peer, isHighBetter, ...kinds }));
    }
    const { gain } = compared(experiment, part, of, Object.values(experiment.arms)[0][part]); // whoever the students are
    shares.push(row(`ensemble${where}`, `gain over the baseline, ${metric}`, gain));
    for (const arm of sharing.filter((arm) => experiment.arms[arm])) {
      const name = namesOfArms[arm];
      const { kept } = compared(experiment, part, of, experiment.arms[arm][part]);
      const peer = (part === "test" && published[arm]?.kept[of]) || null;
      shares.push(row(`${name}${where}`, `share of the gain kept, ${metric}`, kept, { peer }));
    }
  }
  return [...rows, ...shares];
}

/** Ten words by one speaker: an anecdote. */
function promptRows({ poolResults, arms, prompts, settings }, row) {
  if (!prompts) return [];
  const pool = Array.from({ length: settings.members }, (_, at) => poolResults.prompts[at]);
  const { ensemble } = poolResults.prompts;
  const systems = [["baseline", pool], ["ensemble", [ensemble]]];
  if (arms.distilled) systems.push(["distilled", arms.distilled.prompts]);
  if (arms.transfer) systems.push(["distilled on unlabelled speech alone", arms.transfer.prompts]);
  if (arms.refined) systems.push(["distilled on unlabelled speech, then on the labelled", arms.refined.prompts]);
  const rate = (list) => sum(list.map(({ errors }) => errors)) / (prompts.said.length * list.length);
  return systems.map(([system, list]) => {
    const heard = list[0].heard.map((words) => words.join(" "));
    const name = `anecdote, ten recorded human digits, 8 kHz, one speaker: ${system}`;
    return row(name, "word error rate", { mean: rate(list) }, { heard });
  });
}

/** Values that stand in more than one part of the corpus. */
function shared({ corpus }) {
  const partsOf = new Map();
  for (const [part, { utterances }] of Object.entries(corpus.parts))
    for (const each of utterances)
      for (const of of ["words", "speaker", "speechHash", "noiseHash"]) {
        const value = `${of} ${each[of]}`;
        partsOf.set(value, (partsOf.get(value) ?? new Set()).add(part));
      }
  return [...partsOf.values()].filter(({ size }) => size > 1).length;
}

function floorsOf(experiment) {
  const { corpus, decoding, arms } = experiment;
  const { gain } = compared(experiment, "test", "correct", Object.values(arms)[0].test);
  return [
    ["vocabulary of at least 200 words", Object.keys(corpus.corpus.lexicon).length, (x) => x >= 200],
    ["at least 120 states in training", new Set(corpus.data.train.labels).size, (x) => x >= 120],
    ["at least 5000 reference words in the test", sum(corpus.said("test").map(({ length }) => length)), (x) => x >= 5000],
    ["sentences, speakers, speech or noise in two parts: none", shared(corpus), (x) => x === 0],
    ["the baseline's WER on validation between 8 and 25 %", percent(decoding.members.wer), (x) => x >= 8 && x <= 25],
    ["the ensemble gains at least 1.5 points of frames", percent(gain.mean), (x) => x >= 1.5],
    ["and its interval excludes 0: its lower end", percent(gain.low), (x) => x > 0],
  ].map(([floor, value, holds]) => ({ floor, value, holds: holds(value) }));
}

/** Minutes, sentences, words and frames of each part. */
function sizesOf({ corpus, lengths, said }) {
  const parts = Object.entries(corpus.parts).map(([part, { seconds }]) => {
    const words = sum(said(part).map(({ length }) => length));
    return [part, { minutes: seconds / 60, sentences: said(part).length, words, frames: sum(lengths(part)) }];
  });
  return Object.fromEntries(parts);
}

/** Writes the rows and, in a file beside them, what was chosen and from what; prints the rows. */
export function reportTable(experiment) {
  const { corpus, settings, onLabelled, noise, decoding, epochsOfPool, trials, arms, quick, results, took } = experiment;
  const floors = floorsOf(experiment);
  const counts = !quick && floors.every(({ holds }) => holds);
  const row = makeRow({ threads: settings.training.threads, machine, date: today(), ...took, counts });
  const rows = [
    ...rowsOf(experiment, "test", row),
    ...Object.entries(onLabelled).map(([part, mean]) => {
      const frames = part === "train" ? "the training frames that it labels" : "the unlabelled frames";
      return row(`ensemble of ${settings.members}, ${frames}`, "frame accuracy", { mean });
    }),
    ...rowsOf(experiment, "newVoice", row),
    ...promptRows(experiment, row),
  ];
  writeJson(results, rows);
  const chosen = Object.fromEntries(Object.entries(arms).map(([arm, { setting }]) => [arm, setting]));
  Object.assign(chosen, { baseline: { epochs: epochsOfPool, decoder: decoding.members }, ensemble: { decoder: decoding.ensemble } });
  const sizes = sizesOf(corpus);
  writeJson(results.replace(/(\.json)?$/, "-choices.json"), { counts, floors, sizes, settings, noise, trials, chosen });
  for (const { case: name, metric, potstill, low, high, peer } of rows) {
    const interval = low === undefined ? "" : ` [${low.toFixed(2)}, ${high.toFixed(2)}]`;
    const shown = potstill === null ? "undefined" : `${potstill.toFixed(2)}${interval}`;
    console.log(`${name.padEnd(72)} ${metric.padEnd(40)} ${shown.padStart(24)}   ${peer ?? ""}`);
  }
  for (const { floor, value, holds } of floors) console.log(`${holds ? "holds" : "FAILS"}: ${floor}: ${value}`);
  console.log(`${took.hours} hours (${took.cpuHours} of processors) on ${machine}`);
  console.log(counts ? `written to ${results}` : `these numbers do not count; written to ${results}`);
}
