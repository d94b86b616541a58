/** @file Students that saw part of what their teacher saw, as the report tells it. */

import { UNLABELLED } from "../../data/index.ts";
import type { PaperExperiment, TransferResult, TransferRow } from "../../distill/index.ts";
import {
  bootstrapMean,
  correctSamples,
  type Groups,
  gainKept,
  type Interval,
  selectScores,
} from "../../distill/metrics/index.ts";
import type { DataInput, ReportInput } from "./input.ts";
import { perSeed, resampling } from "./measure.ts";
import { type PaperFigure, paperFigure } from "./paper-figures.ts";
import type { PerSeed } from "./report.ts";

/** One kind of student. */
export interface TransferSystemReport {
  readonly system: "whole" | "scratch" | "distilled" | "scratchAugmented" | "scratchSmoothed";
  /** with class biases that were chosen on the validation split */
  readonly isCorrected: boolean;
  /** samples that it learned from: with a label, but for soft labels */
  readonly trainSize: number;
  /** on those of its training samples that have a label; null if none has */
  readonly trainAccuracy: PerSeed | null;
  readonly accuracy: Interval & PerSeed;
  readonly errors: PerSeed;
  /** on the test samples of the withheld classes; null if no class was withheld */
  readonly withheldAccuracy: Interval | null;
  /** the same where only these classes can be named: what is left of the knowledge of them */
  readonly withheldAmong: Interval | null;
  /** on the test samples of all other classes; null if no class was withheld */
  readonly shownAccuracy: Interval | null;
  /** validation accuracy of the weights that were kept, and after the last epoch */
  readonly validation: { readonly kept: PerSeed; readonly last: PerSeed };
  /** mean of what was added to the withheld classes' logits, against the others; null for none */
  readonly bias: PerSeed | null;
  readonly paper: PaperFigure | null;
}

export interface TransferReport {
  readonly withheld: readonly string[];
  readonly transferSize: number;
  readonly wholeSize: number;
  /** false where the distilled student got no hard label */
  readonly hasLabels: boolean;
  readonly correction: "shared" | "perClass" | null;
  readonly paper: PaperExperiment | null;
  /** how the distilled student's samples were made; absent for samples of the data */
  readonly generated?: "impressions" | "noise";
  /** different ones among the generated samples; absent for samples of the data */
  readonly distinctSize?: number;
  readonly systems: readonly TransferSystemReport[];
  /**
   * (distilled − scratch) / (whole − scratch), before corrections, over test samples and each
   * one's seeds; null where there is no student of all samples, or what scratch lost is not clear
   * of 0
   */
  readonly recovered: Interval | null;
}

/** What the students are tested on, and what they saw. */
type TransferTest = Pick<ReportInput, "testLabels" | "testGroups"> & {
  readonly data: Pick<DataInput, "classNames" | "trainSize" | "unlabelledCount">;
};

export function reportTransfer(
  { options, rows, distinct }: TransferResult,
  { testLabels, testGroups, data: { classNames, trainSize, unlabelledCount } }: TransferTest,
): TransferReport {
  const { whole, withheld, labels: kept, biasCorrection = null, paper = null } = options;
  const { generated } = options;
  const known = whole.labels.filter((label) => label !== UNLABELLED).length;
  const sizes = { whole: known, hard: trainSize - unlabelledCount, soft: trainSize };
  return {
    withheld: withheld.map((label) => classNames[label]!), // class indices of the data
    transferSize: trainSize,
    wholeSize: whole.length,
    hasLabels: kept !== "none",
    correction: biasCorrection,
    paper,
    ...(generated && { generated: generated.kind }),
    ...(distinct !== undefined && { distinctSize: distinct }),
    systems: rows.map((row) =>
      systemOf(row, { withheld, classNames, paper, sizes, testLabels, testGroups }),
    ),
    recovered: recoveredShare(rows, testLabels, testGroups),
  };
}

interface Context extends Pick<ReportInput, "testLabels" | "testGroups"> {
  readonly withheld: readonly number[];
  readonly classNames: readonly string[];
  readonly paper: PaperExperiment | null;
  readonly sizes: { readonly whole: number; readonly hard: number; readonly soft: number };
}

function systemOf(
  { system, runs }: TransferRow,
  { withheld, classNames, paper, sizes, testLabels: labels, testGroups }: Context,
): TransferSystemReport {
  const logits = runs.map(({ testLogits }) => testLogits);
  const correct = logits.map((each) => correctSamples(each, labels));
  const shown = [...classNames.keys()].filter((label) => !withheld.includes(label));
  const errors = correct.map((hits) => hits.reduce((sum, hit) => sum + 1 - hit, 0));
  const isCorrected = runs.some(({ bias }) => bias !== null);
  const trainAccuracies = runs.flatMap(({ trainAccuracy }) => trainAccuracy ?? []);
  return {
    system,
    isCorrected,
    trainSize: system === "whole" ? sizes.whole : sizes[system === "distilled" ? "soft" : "hard"],
    trainAccuracy: trainAccuracies.length < runs.length ? null : perSeed(trainAccuracies),
    accuracy: {
      ...bootstrapMean(correct, resampling(testGroups)),
      perSeed: errors.map((count) => 1 - count / labels.length),
    },
    errors: perSeed(errors),
    withheldAccuracy: partOf(correct, withheld, labels, testGroups),
    withheldAmong: amongThemselves(logits, withheld, {
      classNames,
      testLabels: labels,
      testGroups,
    }),
    shownAccuracy: withheld.length === 0 ? null : partOf(correct, shown, labels, testGroups),
    validation: {
      kept: perSeed(runs.map(({ job }) => job.validationAccuracy)),
      last: perSeed(runs.map(({ job }) => job.history.at(-1)!.validationAccuracy)), // an epoch at least
    },
    bias: isCorrected ? perSeed(runs.map(({ bias }) => raise(bias!, withheld))) : null,
    paper: paper === null ? null : paperFigure(paper, system, isCorrected),
  };
}

/** Accuracy on the samples of some classes. */
function partOf(
  correct: readonly Uint8Array[],
  classes: readonly number[],
  labels: Int32Array,
  testGroups: Groups,
): Interval | null {
  const part = [...labels.keys()].filter((at) => classes.includes(labels[at]!));
  if (part.length === 0) return null;
  const hits = correct.map((row) => Uint8Array.from(part, (at) => row[at]!));
  return bootstrapMean(hits, resampling(testGroups && part.map((at) => testGroups[at]!)));
}

/** Accuracy on the samples of some classes, two at least, where no other can be named. */
function amongThemselves(
  logits: readonly Float32Array[],
  classes: readonly number[],
  { classNames, testLabels, testGroups }: Pick<Context, "classNames" | "testLabels" | "testGroups">,
): Interval | null {
  const samples = [...testLabels.keys()].filter((at) => classes.includes(testLabels[at]!));
  if (samples.length === 0 || classes.length < 2) return null;
  const own = Int32Array.from(samples, (at) => classes.indexOf(testLabels[at]!));
  const hits = logits.map((each) =>
    correctSamples(selectScores(each, classNames.length, { samples, classes }), own),
  );
  return bootstrapMean(hits, resampling(testGroups && samples.map((at) => testGroups[at]!)));
}

/** How much higher the withheld classes were put than the others, on average. */
function raise(bias: readonly number[], withheld: readonly number[]): number {
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  const isWithheld = (_: number, label: number): boolean => withheld.includes(label);
  const others = bias.filter((_, label) => !withheld.includes(label));
  return mean(bias.filter(isWithheld)) - mean(others);
}

function recoveredShare(
  rows: readonly TransferRow[],
  labels: Int32Array,
  testGroups: Groups,
): Interval | null {
  const hits = (system: string): readonly Uint8Array[] =>
    (rows.find((row) => row.system === system)?.runs ?? []).map(({ testLogits }) =>
      correctSamples(testLogits, labels),
    );
  const [ensemble, baseline, students] = [hits("whole"), hits("scratch"), hits("distilled")];
  if (ensemble.length === 0 || baseline.length === 0 || students.length === 0) return null;
  return gainKept({ baseline, ensemble, students }, resampling(testGroups)).kept;
}
