/** @file Which words follow which: a bigram language model from sentences. */

import { assertInRange, DataError } from "../errors/index.ts";

/** Log-probabilities in nats; the sentence's start and end are not words. */
export interface LanguageModel {
  readonly vocabulary: readonly string[];
  /** float64 [words]: of the first word */
  readonly first: Float64Array;
  /** float64 [words, words], rows by the word before */
  readonly next: Float64Array;
  /** float64 [words]: that the sentence ends after this word */
  readonly end: Float64Array;
}

/** Every word, and the end, after every word with the same probability. */
export function uniformLanguageModel(vocabulary: readonly string[]): LanguageModel {
  const words = vocabulary.length;
  return {
    vocabulary,
    first: new Float64Array(words).fill(-Math.log(words)),
    next: new Float64Array(words * words).fill(-Math.log(words + 1)),
    end: new Float64Array(words).fill(-Math.log(words + 1)),
  };
}

export interface BigramOptions {
  /** how many observations the unigram is worth after each word; above 0, default 1 */
  readonly strength?: number;
}

/**
 * Bigram with a Dirichlet prior around the unigram, v a word or the end:
 *
 *   p(v | u) = (count(u, v) + strength · p(v)) / (count(u) + strength)
 *   p(v) = (count(v) + 1) / Σ (count + 1)
 *
 * No sentence is empty: the end does not stand first.
 *
 * @param sentences strings of words of the vocabulary
 * @throws DataError "data/word" for a word outside the vocabulary; ConfigError "config/range"
 * @see MacKay, Peto (1995), A hierarchical Dirichlet language model
 */
export function bigramLanguageModel(
  sentences: readonly (readonly string[])[],
  vocabulary: readonly string[],
  { strength = 1 }: BigramOptions = {},
): LanguageModel {
  assertInRange("bigramLanguageModel", { strength }, { above: 0 });
  const words = vocabulary.length;
  const numbers = new Map(vocabulary.map((word, index) => [word, index]));
  const [end, start] = [words, words]; // as columns and as rows
  const columns = words + 1;
  const counts = new Float64Array(columns * columns);
  for (const sentence of sentences) {
    let row = start;
    for (const column of [...sentence.map((word) => numberOf(word, numbers)), end]) {
      counts[row * columns + column]! += 1;
      row = column;
    }
  }
  const unigram = new Float64Array(columns).fill(1);
  counts.forEach((count, at) => {
    unigram[at % columns]! += count;
  });
  const logRow = (row: number): Float64Array => {
    const own = counts.slice(row * columns, (row + 1) * columns);
    if (row === start) own[end] = 0; // no sentence is empty
    const width = row === start ? words : columns;
    const sum = (list: Float64Array): number =>
      list.subarray(0, width).reduce((total, x) => total + x, 0);
    const [seen, all] = [sum(own), sum(unigram)];
    return own.map((count, at) =>
      Math.log((count + (strength * unigram[at]!) / all) / (seen + strength)),
    );
  };
  const next = new Float64Array(words * words);
  const last = new Float64Array(words);
  for (let row = 0; row < words; row++) {
    const probabilities = logRow(row);
    next.set(probabilities.subarray(0, words), row * words);
    last[row] = probabilities[end]!;
  }
  return { vocabulary, first: logRow(start).slice(0, words), next, end: last };
}

function numberOf(word: string, numbers: ReadonlyMap<string, number>): number {
  const number = numbers.get(word);
  if (number !== undefined) return number;
  throw new DataError("data/word", {
    where: "bigramLanguageModel",
    rule: "every word must be in the vocabulary",
    got: `"${word}"`,
    fix: "Add it to the vocabulary, or leave its sentence out",
    details: { word },
  });
}
