/** @file What the Distiller says of each model: its accuracy on the test samples, with interval. */

import { type Dataset, knownSamples, subset, teacherLabels } from "../data/index.ts";
import { bootstrapMean, correctSamples, type Interval, selectScores } from "./metrics/index.ts";
import type { DistillResult } from "./options.ts";

/**
 * Test accuracy: mean over seeds, and its 95 % interval over seeds and test samples, or groups of
 * them where the data have groups (null for fewer than three). All in 0 … 1.
 */
export interface Accuracy {
  readonly accuracy: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly perSeed: readonly number[];
}

/** @param logits one float32 [samples, classes] a seed */
export function testAccuracy(
  logits: readonly Float32Array[],
  { labels, groups }: Pick<Dataset, "labels" | "groups">,
): Accuracy {
  const correct = logits.map((each) => correctSamples(each, labels));
  const interval: Interval = bootstrapMean(correct, { groups });
  const perSeed = correct.map((hits) => hits.reduce((sum, hit) => sum + hit, 0) / hits.length);
  return { accuracy: interval.mean, low: interval.low, high: interval.high, perSeed };
}

/** Of the teacher; one that knows some classes alone is judged by their samples. */
export function teacherTestAccuracy(
  { teacherTestLogits, manifest }: Pick<DistillResult, "teacherTestLogits" | "manifest">,
  test: Dataset,
): Accuracy {
  const samples = knownSamples(test.labels, manifest);
  const judged = samples === null ? test : subset(test, samples, test.name);
  const logits = selectScores(teacherTestLogits!, manifest.classCount, { samples }); // a teacher was there
  const labels = judged.labels.map(teacherLabels(manifest));
  return testAccuracy([logits], { labels, groups: judged.groups });
}
