/** @file Word errors: the alignment of what was said with what was recognised. */

import { DataError } from "../../errors/index.ts";

/** One place of an alignment; null where the other side has a word more. */
export interface AlignedWord {
  readonly reference: string | null;
  readonly hypothesis: string | null;
}

export interface WordErrors {
  /** words of the reference */
  readonly words: number;
  readonly substitutions: number;
  /** words of the reference that are missing */
  readonly deletions: number;
  /** words that were not said */
  readonly insertions: number;
}

export interface WordAlignment extends WordErrors {
  /** in order; a word that is right stands on both sides */
  readonly aligned: readonly AlignedWord[];
}

/** An error outweighs any number of substitutions: the cost of words that can be aligned at all. */
const errorCost = 2 ** 26;

/**
 * Aligns two strings of words with the fewest errors, and among those with the fewest
 * substitutions, so that as many words as possible are right. That fixes the number of each kind:
 * deletions − insertions is the difference in length.
 *
 * NIST's sclite weighs substitutions 4 and the others 3, which now and then takes more errors for
 * fewer substitutions; its rate is never below this one.
 *
 * @throws DataError "data/length" for strings of 2²⁶ words or more
 * @example alignWords(["one", "two"], ["two", "six"]).deletions // 1: "two" is right
 */
export function alignWords(
  reference: readonly string[],
  hypothesis: readonly string[],
): WordAlignment {
  const [rows, columns] = [reference.length + 1, hypothesis.length + 1];
  if (rows + columns > errorCost)
    throw new DataError("data/length", {
      where: "alignWords",
      rule: `both strings together must have fewer than ${errorCost} words`,
      got: String(rows + columns - 2),
      fix: "Score sentence by sentence",
    });
  const cost = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      if (row + column > 0) cost[row * columns + column] = cheapest(row, column).cost;

  function cheapest(row: number, column: number): { cost: number; rows: number; columns: number } {
    const at = (up: number, left: number): number => cost[(row - up) * columns + column - left]!;
    const isSame = row > 0 && column > 0 && reference[row - 1] === hypothesis[column - 1];
    const both = row > 0 && column > 0 ? at(1, 1) + (isSame ? 0 : errorCost + 1) : Infinity;
    const deleted = row > 0 ? at(1, 0) + errorCost : Infinity;
    const inserted = column > 0 ? at(0, 1) + errorCost : Infinity;
    if (both <= deleted && both <= inserted) return { cost: both, rows: 1, columns: 1 };
    if (deleted <= inserted) return { cost: deleted, rows: 1, columns: 0 };
    return { cost: inserted, rows: 0, columns: 1 };
  }

  const aligned: AlignedWord[] = [];
  let [row, column] = [rows - 1, columns - 1];
  while (row + column > 0) {
    const step = cheapest(row, column);
    aligned.push({
      reference: step.rows === 1 ? reference[row - 1]! : null,
      hypothesis: step.columns === 1 ? hypothesis[column - 1]! : null,
    });
    row -= step.rows;
    column -= step.columns;
  }
  return { words: reference.length, ...counts(aligned), aligned: aligned.reverse() };
}

function counts(aligned: readonly AlignedWord[]): Omit<WordErrors, "words"> {
  const count = (is: (word: AlignedWord) => boolean): number => aligned.filter(is).length;
  return {
    deletions: count(({ hypothesis }) => hypothesis === null),
    insertions: count(({ reference }) => reference === null),
    substitutions: count(
      ({ reference: said, hypothesis: heard }) => said !== null && heard !== null && said !== heard,
    ),
  };
}

/** @returns substitutions + deletions + insertions */
export function errorsOf({ substitutions, deletions, insertions }: WordErrors): number {
  return substitutions + deletions + insertions;
}

/**
 * Word error rate over all sentences together:
 *
 *   (substitutions + deletions + insertions) / words of the references
 *
 * @param sentences of each sentence, its errors; insertions can bring the rate above 1
 * @throws DataError "data/empty" if the references have no words
 */
export function wordErrorRate(sentences: readonly WordErrors[]): number {
  const words = sentences.reduce((sum, sentence) => sum + sentence.words, 0);
  if (words === 0)
    throw new DataError("data/empty", {
      where: "wordErrorRate",
      rule: "the references must have at least one word",
      got: "none",
      fix: "Give the words that were said",
    });
  return sentences.reduce((sum, sentence) => sum + errorsOf(sentence), 0) / words;
}
