/** @file The report card for a terminal: plain text, at most 100 columns. */

import { allModels, comparisonsOf, type ModelName, modelNames } from "./html/models.ts";
import { partTitle } from "./html/recognition-section.ts";
import { knowsWithheld, systemName } from "./html/transfer-section.ts";
import {
  aligned,
  byteSize,
  decimal,
  percent,
  points,
  short,
  shortSpan,
  span,
  whole,
} from "./numbers.ts";
import type { WordErrorReport } from "./recognition-report.ts";
import type { Report } from "./report.ts";
import { groupNotes } from "./resampling-words.ts";
import { teacherNotes } from "./teacher-classes.ts";

const widest = 100;

/**
 * A table of the models, the paired differences and the verdict.
 *
 * @returns lines of at most 100 columns, without colour, ending in a line break
 */
export function renderCard(report: Report): string {
  const { verdict, convergence } = report;
  const failed = report.selfChecks.filter(({ passed }) => !passed);
  const checks =
    failed.length === 0
      ? `${report.selfChecks.length} self-checks passed`
      : `SELF-CHECKS FAILED: ${failed.map(({ id, name }) => `${id} ${name}`).join("; ")}`;
  const lines = [
    report.title,
    "",
    ...modelRows(report),
    "",
    ...differences(report),
    ...transferRows(report),
    ...wordRows(report),
    ...searchRows(report),
    "",
    verdict.sentence,
    ...(report.ensemble === null ? [] : [`Ensemble. ${report.ensemble.sentence}`]),
    ...(report.specialists === null ? [] : [`Specialists. ${report.specialists.sentence}`]),
    ...(report.recognition?.gain ? [`Words. ${report.recognition.gain.sentence}`] : []),
    ...(convergence === null ? [] : [`Convergence. ${convergence.sentence}`]),
    ...groupNotes(report.testGroups),
    ...teacherNotes(report),
    `${report.data.testSize} test samples, ${report.seeds.length} seeds; ${checks}.`,
  ];
  return `${lines.flatMap(wrapped).join("\n")}\n`;
}

/** What models are called in narrow columns. */
const names: Readonly<Record<ModelName, string>> = {
  teacher: "teacher",
  distilled: "distilled",
  scratch: "scratch",
  scratchAugmented: "scratch + augmentation",
  scratchSmoothed: "scratch + smoothing",
};

function modelRows(report: Report): readonly string[] {
  const rows = allModels(report).map(({ key, model }) => [
    names[key],
    percent(model.test.accuracy.mean),
    shortSpan(model.test.accuracy),
    decimal(model.test.errors.mean, 1),
    short(model.parameters),
    short(model.macs),
    byteSize(model.bytes),
    model.compressionRatio === null ? "–" : `${decimal(model.compressionRatio, 1)}×`,
    decimal(model.latencyMs?.p50 ?? null, 3),
  ]);
  const heads = [
    "accuracy",
    "95 % interval",
    "errors",
    "params",
    "MACs",
    "size",
    "smaller",
    "p50 ms",
  ];
  return aligned([["", ...heads], ...rows], 1);
}

function differences(report: Report): readonly string[] {
  const rows = comparisonsOf(report).map(({ key, diff, perSeed, ...interval }) => [
    `distilled vs ${names[key]}`,
    points(diff),
    `[${span(interval, points, ", ")}]`,
    ...[Math.min(...perSeed), Math.max(...perSeed)].map((x) => points(x)),
  ]);
  if (rows.length === 0) return [];
  return aligned([["", "points", "95 % interval", "worst seed", "best seed"], ...rows], 1);
}

/** Word errors, where frames were decoded. */
function wordRows({ recognition }: Report): readonly string[] {
  if (recognition === null) return [];
  const { models, teacherParts, words, recordings } = recognition;
  const row = (title: string, report: WordErrorReport): readonly string[] => [
    title,
    percent(report.wordErrorRate.mean),
    shortSpan(report.wordErrorRate),
    ...[report.substitutions, report.deletions, report.insertions].map(({ mean }) =>
      decimal(mean, 1),
    ),
    whole(words),
  ];
  const rows = modelNames.flatMap((key) => {
    const [report, parts] = [models[key], key === "teacher" ? teacherParts : []];
    return [
      ...(report === null ? [] : [row(names[key], report)]),
      ...parts.map((part) => row(`  ${partTitle(part.name).toLowerCase()}`, part)),
    ];
  });
  const heads = ["", "word errors", "95 % interval", "subst.", "deleted", "inserted", "words"];
  return [
    "",
    ...aligned([heads, ...rows], 1),
    `${whole(recordings)} test recordings; ${whole(recognition.vocabulary)} words can be recognised.`,
  ];
}

/** Kinds of students that saw part of what their teacher saw; none where all saw everything. */
function transferRows({ transfer, models }: Report): readonly string[] {
  if (transfer === null || transfer.systems.length === 0) return [];
  const rows = transfer.systems.map((system) => [
    systemName(system),
    whole(system.trainSize),
    percent(system.accuracy.mean),
    percent(system.withheldAccuracy?.mean ?? null),
    percent(system.shownAccuracy?.mean ?? null),
    percent(system.paper?.accuracy ?? null),
  ]);
  const isOld = knowsWithheld(transfer, models.teacher.classes?.names);
  const parts = isOld ? ["old", "new"] : ["withheld", "others"];
  return ["", ...aligned([["", "samples", "accuracy", ...parts, "paper"], ...rows], 1)];
}

/** The students of a search that no other beats, and the one that was taken. */
function searchRows({ search }: Report): readonly string[] {
  if (search === null) return [];
  const { board, trials, tooLarge } = search;
  const rows = trials
    .filter(({ isOnFront, isChosen }) => isOnFront || isChosen)
    .toSorted((a, b) => a.flashBytes - b.flashBytes)
    .map((trial) => [
      `${trial.isChosen ? "*" : " "} ${trial.name}`,
      percent(trial.validationAccuracy),
      whole(trial.epochs),
      byteSize(trial.flashBytes),
      byteSize(trial.ramBytes),
      short(trial.macs),
      decimal(trial.milliseconds, 1),
    ]);
  return [
    "",
    `Searched on ${board}: ${trials.length} students trained, ${tooLarge} too large; * was taken. The Pareto front:`,
    ...aligned([["", "validation", "epochs", "flash", "RAM", "MACs", "about ms"], ...rows], 1),
  ];
}

function wrapped(line: string): readonly string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > widest) {
    const space = rest.lastIndexOf(" ", widest);
    const cut = space > 0 ? space : widest;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut).trimStart();
  }
  return [...lines, rest.trimEnd()];
}
