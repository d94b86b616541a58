/** @file The report card for a terminal: plain text, at most 100 columns. */

import { partTitle } from "./html/recognition-section.ts";
import { knowsWithheld, systemName } from "./html/transfer-section.ts";
import { byteSize, decimal, percent, points, short, shortSpan, span, whole } from "./numbers.ts";
import type { WordErrorReport } from "./recognition-report.ts";
import type { ModelReport, Report } from "./report.ts";
import { groupNotes } from "./resampling-words.ts";
import { teacherNotes } from "./teacher-classes.ts";

const widest = 100;

/**
 * A table of the models, the paired differences and the verdict.
 *
 * @returns lines of at most 100 columns, without colour, ending in a line break
 */
export function renderCard(report: Report): string {
  const { models, verdict, convergence } = report;
  const failed = report.selfChecks.filter(({ passed }) => !passed);
  const rows = [
    ["", "accuracy", "95 % interval", "errors", "params", "MACs", "size", "smaller", "p50 ms"],
    ...modelRow("teacher", models.teacher),
    ...modelRow("distilled", models.distilled),
    ...modelRow("scratch", models.scratch),
    ...modelRow("scratch + augmentation", models.scratchAugmented),
    ...modelRow("scratch + smoothing", models.scratchSmoothed),
  ];
  const checks =
    failed.length === 0
      ? `${report.selfChecks.length} self-checks passed`
      : `SELF-CHECKS FAILED: ${failed.map(({ id, name }) => `${id} ${name}`).join("; ")}`;
  const lines = [
    report.title,
    "",
    ...aligned(rows),
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

function modelRow(title: string, model: ModelReport | null): string[][] {
  if (model === null) return [];
  const { accuracy, errors } = model.test;
  return [
    [
      title,
      percent(accuracy.mean),
      shortSpan(accuracy),
      decimal(errors.mean, 1),
      short(model.parameters),
      short(model.macs),
      byteSize(model.bytes),
      model.compressionRatio === null ? "–" : `${decimal(model.compressionRatio, 1)}×`,
      model.latencyMs === null ? "–" : decimal(model.latencyMs.p50, 3),
    ],
  ];
}

function differences({ comparisons }: Report): readonly string[] {
  const listed = [
    ["scratch", comparisons.distilledVsScratch],
    ["scratch + augmentation", comparisons.distilledVsScratchAugmented],
    ["scratch + smoothing", comparisons.distilledVsScratchSmoothed],
  ] as const;
  const rows = listed.flatMap(([name, c]) => {
    if (c === null) return [];
    const seeds = [Math.min(...c.perSeed), Math.max(...c.perSeed)].map((x) => points(x));
    return [[`distilled vs ${name}`, points(c.diff), `[${span(c, points, ", ")}]`, ...seeds]];
  });
  if (rows.length === 0) return [];
  return aligned([["", "points", "95 % interval", "worst seed", "best seed"], ...rows]);
}

/** Word errors, where frames were decoded. */
function wordRows({ recognition }: Report): readonly string[] {
  if (recognition === null) return [];
  const { models, teacherParts, words, recordings } = recognition;
  const row = (title: string, report: WordErrorReport | null): string[][] => {
    if (report === null) return [];
    const kinds = [report.substitutions, report.deletions, report.insertions];
    return [
      [
        title,
        percent(report.wordErrorRate.mean),
        shortSpan(report.wordErrorRate),
        ...kinds.map((kind) => decimal(kind.mean, 1)),
        whole(words),
      ],
    ];
  };
  return [
    "",
    ...aligned([
      ["", "word errors", "95 % interval", "subst.", "deleted", "inserted", "words"],
      ...row("teacher", models.teacher),
      ...teacherParts.flatMap((part) => row(`  ${partTitle(part.name).toLowerCase()}`, part)),
      ...row("distilled", models.distilled),
      ...row("scratch", models.scratch),
      ...row("scratch + augmentation", models.scratchAugmented),
      ...row("scratch + smoothing", models.scratchSmoothed),
    ]),
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
  return ["", ...aligned([["", "samples", "accuracy", ...parts, "paper"], ...rows])];
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
    ...aligned([["", "validation", "epochs", "flash", "RAM", "MACs", "about ms"], ...rows]),
  ];
}

/** First column to the left, all others to the right. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
      .join("  "),
  );
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
