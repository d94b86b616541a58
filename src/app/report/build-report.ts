/** @file From raw results to the report: every number is computed here, once. */

import { correctSamples, logSoftmaxRow, pairedDifference } from "../../distill/metrics/index.ts";
import { assertReportInput } from "./assert-input.ts";
import { reportConvergence } from "./converge.ts";
import type {
  ArmInput,
  ArmName,
  ExplorerSample,
  Latency,
  ModelInput,
  ReportInput,
} from "./input.ts";
import { matchTeacher, measure, resampling } from "./measure.ts";
import { isPicture, pngDataUri } from "./png.ts";
import { reportRecognition } from "./recognition-report.ts";
import type {
  Comparison,
  ExplorerEntry,
  ModelReport,
  Report,
  StudentReport,
  TeacherReport,
  Verdict,
} from "./report.ts";
import { countGroups } from "./resampling-words.ts";
import { reportSearch } from "./search-report.ts";
import { overTeacherClasses } from "./teacher-classes.ts";
import { reportTeacherParts } from "./teacher-parts-report.ts";
import { reportTransfer } from "./transfer-report.ts";
import { judge, notCompared } from "./verdict.ts";

/** At which the soft-label explorer shows the teacher's distribution. */
const explorerTemperatures = [1, 2, 4, 8, 20] as const;

/**
 * The report of one distillation run, as plain data for `report.json` and all renderings.
 *
 * A single seed is reported, but marked: its verdict is "single-seed", never "helped".
 *
 * @throws ConfigError, DataError, ShapeError when the input contradicts itself (see
 *   assertReportInput)
 */
export function buildReport(input: ReportInput): Report {
  assertReportInput(input);
  const taught = overTeacherClasses(input);
  const arm = (name: ArmName): ArmInput | undefined => input.arms.find((a) => a.arm === name);
  const student = (name: ArmName): StudentReport | null => {
    const found = arm(name);
    return found === undefined ? null : reportStudent(found, input, taught);
  };
  const against = (name: ArmName): Comparison | null => {
    const found = arm(name);
    return found === undefined ? null : compare(arm("distilled")!, found, input);
  };
  const models = {
    teacher: reportTeacher(taught),
    distilled: student("distilled")!, // assertReportInput has looked
    scratch: student("scratch"),
    scratchAugmented: student("scratchAugmented"),
    scratchSmoothed: student("scratchSmoothed"),
  };
  const comparisons = {
    distilledVsScratch: against("scratch"),
    distilledVsScratchAugmented: against("scratchAugmented"),
    distilledVsScratchSmoothed: against("scratchSmoothed"),
  };
  const testGroups = countGroups(input.testGroups);
  const { title, data, seeds, seedVaries, createdBy, commandLine, recipe, notes } = input;
  const { startHash } = input;
  return {
    formatVersion: 1,
    title,
    verdict: verdictOf({ models, comparisons, seeds, testGroups }),
    comparisons,
    models,
    convergence: input.convergence === null ? null : reportConvergence(input.convergence),
    transfer: input.transfer ? reportTransfer(input.transfer, input) : null,
    ...reportTeacherParts(taught),
    recognition: input.recognition
      ? reportRecognition(input.recognition, gainBaseline(input), input.recordingGroups)
      : null,
    search: input.search ? reportSearch(input.search) : null,
    softLabels: input.softLabels,
    explorer: input.explorer.map((sample) => explore(sample, input)),
    selfChecks: input.selfChecks,
    exports: input.exports,
    data,
    testGroups,
    seeds,
    seedVaries,
    createdBy,
    commandLine,
    ...(startHash && { startHash }),
    recipe,
    notes,
  };
}

function verdictOf({
  models: { distilled, scratch },
  comparisons: { distilledVsScratch },
  seeds,
  testGroups,
}: Pick<Report, "models" | "comparisons" | "seeds" | "testGroups">): Verdict {
  const { mean } = distilled.test.accuracy;
  if (scratch === null || distilledVsScratch === null) return notCompared(mean, seeds.length);
  const means = { distilled: mean, scratch: scratch.test.accuracy.mean };
  return judge(distilledVsScratch, means, seeds.length, testGroups);
}

function gainBaseline({ teacherParts }: ReportInput): "members" | "generalist" | null {
  if (!teacherParts) return null;
  return teacherParts.kind === "ensemble" ? "members" : "generalist";
}

/** @param input over the teacher's classes */
function reportTeacher(input: ReportInput): TeacherReport {
  const { teacher, testLabels } = input;
  const { classNames: names } = teacher;
  return {
    ...describe(teacher, teacher.bytes),
    latencyMs: teacher.latencyMs,
    classes: names === undefined ? null : { names, testSize: testLabels.length },
    isSigmoid: teacher.isSigmoid ?? false,
    test: measure(teacher.testLogits, input),
  };
}

/** @param taught the same over the teacher's classes */
function reportStudent(arm: ArmInput, input: ReportInput, taught: ReportInput): StudentReport {
  const { teacher } = taught;
  const logits = arm.perSeed.map(({ testLogits }) => testLogits);
  const known = taught.arms.find((each) => each.arm === arm.arm)!; // the same arms
  return {
    ...describe(arm, teacher.bytes),
    latencyMs: meanLatency(arm.perSeed.flatMap(({ latencyMs }) => latencyMs ?? [])),
    test: measure(logits, input),
    toTeacher: matchTeacher(
      known.perSeed.map(({ testLogits }) => testLogits),
      teacher,
      taught.testLabels.length,
    ),
    tuning: arm.tuning,
    curves: arm.perSeed.map(({ seed, curve }) => ({ seed, epochs: curve })),
  };
}

function describe(
  model: ModelInput,
  teacherBytes: number | null,
): Omit<ModelReport, "latencyMs" | "test"> {
  const { name, description, parameters, macs, bytes } = model;
  const compressionRatio = teacherBytes === null || bytes === null ? null : teacherBytes / bytes;
  const layers = model.summary?.layers ?? null;
  return { name, description, parameters, macs, bytes, compressionRatio, layers };
}

function meanLatency(measured: readonly Latency[]): Latency | null {
  if (measured.length === 0) return null;
  const mean = (part: (l: Latency) => number): number =>
    measured.reduce((sum, latency) => sum + part(latency), 0) / measured.length;
  return { p50: mean(({ p50 }) => p50), p95: mean(({ p95 }) => p95) };
}

function compare(
  distilled: ArmInput,
  other: ArmInput,
  { testLabels: labels, testGroups }: ReportInput,
): Comparison {
  const hits = (arm: ArmInput): Uint8Array[] =>
    arm.perSeed.map(({ testLogits }) => correctSamples(testLogits, labels));
  const [first, second] = [hits(distilled), hits(other)];
  const { mean, low, high } = pairedDifference(first, second, resampling(testGroups));
  const total = (row: Uint8Array): number => row.reduce((sum, hit) => sum + hit, 0);
  const perSeed = first.map((row, s) => (total(row) - total(second[s]!)) / labels.length);
  return { diff: mean, low, high, perSeed };
}

function explore(
  sample: ExplorerSample,
  { teacher: { isSigmoid = false }, data: { classNames } }: ReportInput,
): ExplorerEntry {
  const { pixels, shape, label, teacherLogits } = sample;
  return {
    image: pixels !== null && isPicture(shape) ? pngDataUri(pixels, shape) : null,
    label: classNames[label] ?? null,
    distributions: explorerTemperatures.map((temperature) => ({
      temperature,
      probabilities: isSigmoid
        ? Array.from(teacherLogits, (z) => 1 / (1 + Math.exp(-z / temperature)))
        : Array.from(logSoftmaxRow(teacherLogits, 0, teacherLogits.length, temperature), Math.exp),
    })),
  };
}
