/** @file Scores of some samples, or over some classes: to compare models of unequal classes. */

import { ShapeError } from "../../errors/index.ts";

export interface ScoreSelection {
  /** rows to take, in their order; null or absent: all */
  readonly samples?: ArrayLike<number> | null;
  /** columns to take, in their order; null or absent: all */
  readonly classes?: ArrayLike<number> | null;
}

/**
 * @param scores float32 [samples, classCount]
 * @returns float32 [samples taken, classes taken]; `scores` itself where all are taken
 * @throws ShapeError "shape/mismatch" for scores that are no whole rows
 */
export function selectScores(
  scores: Float32Array,
  classCount: number,
  { samples = null, classes = null }: ScoreSelection,
): Float32Array {
  if (samples === null && classes === null) return scores;
  if (scores.length % classCount !== 0)
    throw new ShapeError("shape/mismatch", {
      where: "selectScores",
      rule: `scores must be rows of ${classCount} classes`,
      got: `${scores.length} numbers`,
      fix: "Give the number of classes that the scores are over",
      details: { scores: scores.length, classCount },
    });
  const rows = samples ?? Array.from({ length: scores.length / classCount }, (_, row) => row);
  const columns = classes ?? Array.from({ length: classCount }, (_, column) => column);
  const taken = new Float32Array(rows.length * columns.length);
  for (let row = 0; row < rows.length; row++)
    for (let column = 0; column < columns.length; column++)
      taken[row * columns.length + column] = scores[rows[row]! * classCount + columns[column]!]!; // in range
  return taken;
}
