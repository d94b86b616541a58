/** @file What every metric checks first: one row of logits for each label, every label a class. */

import { DataError, ShapeError } from "../../errors/index.ts";

/**
 * Checks that `logits` are rows of one length, one row for each label, and that every sample is
 * labelled.
 *
 * Unlabelled samples (−1) are refused, not skipped: a metric over a part of the set would look like
 * one over all of it.
 *
 * @param where who asks, for the message
 * @param logits float32 [samples, classes], row-major
 * @param labels int32 [samples], each in 0 … classes − 1
 * @returns the number of classes
 * @throws DataError "data/empty" for no samples, "data/unlabelled" for a label −1,
 *   "data/label-range" for any other label outside the classes; ShapeError "shape/mismatch" when
 *   logits cannot be split into one row a label
 */
export function assertScoredSamples(
  where: string,
  logits: Float32Array,
  labels: Int32Array,
): number {
  const classes = rowLength(where, logits, labels.length);
  for (let sample = 0; sample < labels.length; sample++) {
    const label = labels[sample]!;
    if (label >= 0 && label < classes) continue;
    throw label === -1
      ? new DataError("data/unlabelled", {
          where,
          rule: "every sample must be labelled",
          got: `label -1 (unlabelled) at sample ${sample}`,
          fix: "Evaluate on labelled samples only: leave the unlabelled ones out first",
          details: { sample },
        })
      : new DataError("data/label-range", {
          where,
          rule: `labels must be whole numbers from 0 to ${classes - 1}`,
          got: `${label} at sample ${sample}`,
          fix: "Use the class list that the model was trained with",
          details: { sample, label, classes },
        });
  }
  return classes;
}

/**
 * Checks that no logit is infinite; NaN is none of {@link rowLength}'s.
 *
 * @param classes the length of one row
 * @throws DataError "data/not-finite"
 */
export function assertFiniteLogits(where: string, logits: Float32Array, classes: number): void {
  const infinite = logits.findIndex((logit) => !Number.isFinite(logit));
  if (infinite < 0) return;
  throw new DataError("data/not-finite", {
    where,
    rule: "logits must be finite",
    got: `${logits[infinite]} at sample ${Math.floor(infinite / classes)}`,
    fix: "Give the model's own logits, none of them masked",
  });
}

/**
 * The length of one row when `values` holds `rows` rows.
 *
 * @throws DataError "data/empty" for no rows; ShapeError "shape/mismatch" when the rows are not
 *   whole or have no classes; DataError "data/not-a-number" when a value is NaN
 */
export function rowLength(where: string, values: Float32Array, rows: number): number {
  if (rows === 0)
    throw new DataError("data/empty", {
      where,
      rule: "there must be at least one sample to evaluate on",
      got: "none",
      fix: "Give a split that is not empty",
    });
  if (values.length === 0 || values.length % rows !== 0)
    throw new ShapeError("shape/mismatch", {
      where,
      rule: "scores must be [samples, classes]: one row of equal length for each sample",
      got: `${values.length} scores for ${rows} samples`,
      fix: "Pass the model's output for exactly these samples, in their order",
      details: { scores: values.length, samples: rows },
    });
  const bad = values.findIndex(Number.isNaN);
  if (bad >= 0)
    throw new DataError("data/not-a-number", {
      where,
      rule: "scores must be numbers",
      got: `NaN at sample ${Math.floor(bad / (values.length / rows))}`,
      fix: "The model that made them is broken, or its input was: check its weights for NaN",
    });
  return values.length / rows;
}

/** @throws ShapeError "shape/mismatch" unless the values are whole rows of `classes` */
export function assertRows(where: string, values: ArrayLike<number>, classes: number): void {
  if (Number.isInteger(classes) && classes > 0 && values.length % classes === 0) return;
  throw new ShapeError("shape/mismatch", {
    where,
    rule: "scores must be [samples, classes], whole rows of one number a class",
    got: `${values.length} numbers for rows of ${classes}`,
    fix: "Pass the model's output whole, and how many classes it has",
    details: { scores: values.length, classes },
  });
}
