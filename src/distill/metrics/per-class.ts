/** @file Precision, recall and F1 of each class, from a confusion matrix. */

/** One class's scores; null where the definition divides by zero. */
export interface ClassScores {
  /** samples with this label */
  readonly support: number;
  /** of those named this class, the share that are; null if none was named so */
  readonly precision: number | null;
  /** of those that are this class, the share named so; null if there is none */
  readonly recall: number | null;
  /** harmonic mean, 2·TP / (2·TP + FP + FN); null if the class neither occurs nor is named */
  readonly f1: number | null;
}

/**
 * @param confusion [classes][classes] counts, rows labels, columns predictions
 * @returns one entry a class, in order
 * @see sklearn.metrics.precision_recall_fscore_support with zero_division=nan, which we agree with
 * (null for nan)
 */
export function perClassScores(confusion: readonly (readonly number[])[]): readonly ClassScores[] {
  return confusion.map((row, label) => {
    const support = row.reduce((sum, count) => sum + count, 0);
    const named = confusion.reduce((sum, other) => sum + other[label]!, 0);
    const hits = row[label]!;
    return {
      support,
      precision: share(hits, named),
      recall: share(hits, support),
      f1: share(2 * hits, support + named),
    };
  });
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
