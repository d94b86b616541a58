/** @file One model's results on the test split, over all seeds. */

import {
  agreement,
  type BootstrapOptions,
  bootstrapMean,
  calibration,
  confusionMatrix,
  correctSamples,
  errorCount,
  type Groups,
  klToTeacher,
  negativeLogLikelihood,
  perClassScores,
  pooledCalibration,
  sumConfusion,
  topKAccuracy,
} from "../../distill/metrics/index.ts";
import type { ReportInput, TeacherInput } from "./input.ts";
import type { PerSeed, TeacherMatch, TestResults } from "./report.ts";

/** What every model is tested on. */
type TestSamples = Pick<ReportInput, "testLabels" | "testGroups" | "data">;

/** Seed of every bootstrap in a report, so that the same results give the same report. */
export const bootstrapSeed = 0;

/** @returns how intervals of a report are made over samples of these groups */
export function resampling(groups: Groups): BootstrapOptions {
  return { seed: bootstrapSeed, groups };
}

/** @param logits one float32 [samples, classes] a seed */
export function measure(
  logits: readonly Float32Array[],
  { testLabels: labels, testGroups, data: { classNames } }: TestSamples,
): TestResults {
  const each = (metric: (scores: Float32Array) => number): PerSeed => perSeed(logits.map(metric));
  const correct = logits.map((scores) => correctSamples(scores, labels));
  const errors = each((scores) => errorCount(scores, labels));
  const accuracies = errors.perSeed.map((count) => 1 - count / labels.length);
  const calibrations = logits.map((scores) => calibration(scores, labels));
  const confusion = sumConfusion(logits.map((scores) => confusionMatrix(scores, labels)));
  const k = Math.min(5, classNames.length);
  return {
    accuracy: { ...bootstrapMean(correct, resampling(testGroups)), perSeed: accuracies },
    errors,
    topK: { k, ...each((scores) => topKAccuracy(scores, labels, k)) },
    negativeLogLikelihood: each((scores) => negativeLogLikelihood(scores, labels)),
    calibration: {
      error: perSeed(calibrations.map(({ error }) => error)),
      bins: pooledCalibration(calibrations).bins,
    },
    confusion,
    perClass: perClassScores(confusion).map((scores, c) => ({ name: classNames[c]!, ...scores })),
  };
}

/**
 * @param students one float32 [samples, classes] a seed
 * @param teacher as many logits, or one set that taught all
 */
export function matchTeacher(
  students: readonly Float32Array[],
  { testLogits: teachers, isSigmoid = false }: Pick<TeacherInput, "testLogits" | "isSigmoid">,
  samples: number,
): TeacherMatch {
  const each = (metric: typeof agreement): PerSeed =>
    perSeed(
      students.map((student, seed) => metric(student, teachers[seed] ?? teachers[0]!, samples)),
    );
  return {
    agreement: each(agreement),
    klNats: each((student, teacher) => klToTeacher(student, teacher, samples, { isSigmoid })),
  };
}

/** The mean over seeds, with the values it was made of. */
export function perSeed(values: readonly number[]): PerSeed {
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, perSeed: values };
}
