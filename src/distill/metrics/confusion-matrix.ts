/** @file Confusion matrix: how often each class is taken for each other one. */

import { predictions } from "./predictions.ts";
import { assertScoredSamples } from "./scored-samples.ts";

/**
 * Counts of (label, predicted class). Rows are labels, columns predictions; everything adds up to
 * the sample count.
 *
 * @param logits float32 [samples, classes]; @param labels int32 [samples]
 * @returns [classes][classes] whole numbers
 * @throws as {@link assertScoredSamples}
 */
export function confusionMatrix(
  logits: Float32Array,
  labels: Int32Array,
): readonly (readonly number[])[] {
  const classes = assertScoredSamples("confusionMatrix", logits, labels);
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const named = predictions(logits, classes);
  labels.forEach((label, sample) => {
    counts[label]![named[sample]!]! += 1;
  });
  return counts;
}

/** Adds matrices of one shape, as of several seeds. */
export function sumConfusion(
  matrices: readonly (readonly (readonly number[])[])[],
): readonly (readonly number[])[] {
  return (matrices[0] ?? []).map((row, label) =>
    row.map((_, named) => matrices.reduce((sum, matrix) => sum + matrix[label]![named]!, 0)),
  );
}
