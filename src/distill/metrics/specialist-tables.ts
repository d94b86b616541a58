/** @file What specialists add to a generalist: the paper's Tables 3 and 4. */

import { ShapeError } from "../../errors/index.ts";
import { correctSamples } from "./accuracy.ts";
import { assertScoredSamples } from "./scored-samples.ts";

/** Cases of a count, and how many of them were right. */
export interface ConditionalAccuracy {
  /** pairs of a sample and a set that holds its label */
  readonly cases: number;
  readonly correct: number;
  /** correct / cases; null without cases */
  readonly accuracy: number | null;
}

/**
 * Accuracy within the specialists' classes: for each set, only samples of its classes count, and
 * only its classes can be named; cases of all sets together.
 *
 * @param logits float32 [samples, classes], or log-probabilities; @param labels int32 [samples]
 * @param sets class indices of each specialist
 * @throws as accuracy
 * @see Hinton, Vinyals, Dean (2015), §5.5, Table 3 ("conditional"), arXiv:1503.02531
 */
export function conditionalAccuracy(
  logits: Float32Array,
  labels: Int32Array,
  sets: readonly (readonly number[])[],
): ConditionalAccuracy {
  const classes = assertScoredSamples("conditionalAccuracy", logits, labels);
  let [cases, correct] = [0, 0];
  for (const set of sets)
    for (const [sample, label] of labels.entries()) {
      if (!set.includes(label)) continue;
      const score = (index: number): number => logits[sample * classes + index]!;
      const named = set.reduce((best, index) => (score(index) > score(best) ? index : best));
      cases += 1;
      correct += named === label ? 1 : 0;
    }
  return { cases, correct, accuracy: cases === 0 ? null : correct / cases };
}

/** Samples whose true class so many specialists tell apart. */
export interface CoverageRow {
  readonly specialists: number;
  readonly cases: number;
  /** correct with specialists − correct without */
  readonly change: number;
  /** change / correct without; null where none was */
  readonly relative: number | null;
}

/**
 * @param before float32 [samples, classes], the generalist's; @param after with specialists
 * @returns rows by ascending number of specialists, those without cases left out
 * @throws ShapeError "shape/mismatch"; as accuracy
 * @see Hinton, Vinyals, Dean (2015), §5.5, Table 4
 */
export function changesByCoverage(
  before: Float32Array,
  after: Float32Array,
  labels: Int32Array,
  sets: readonly (readonly number[])[],
): readonly CoverageRow[] {
  if (before.length !== after.length)
    throw new ShapeError("shape/mismatch", {
      where: "changesByCoverage",
      rule: "both must be scored on the same samples and classes",
      got: `${before.length} and ${after.length} scores`,
      fix: "Score the same samples",
    });
  const [first, second] = [correctSamples(before, labels), correctSamples(after, labels)];
  const rows = new Map<number, { cases: number; before: number; change: number }>();
  for (const [sample, label] of labels.entries()) {
    const specialists = sets.filter((set) => set.includes(label)).length;
    const row = rows.get(specialists) ?? { cases: 0, before: 0, change: 0 };
    row.cases += 1;
    row.before += first[sample]!;
    row.change += second[sample]! - first[sample]!;
    rows.set(specialists, row);
  }
  return [...rows]
    .toSorted(([a], [b]) => a - b)
    .map(([specialists, { cases, before: right, change }]) => ({
      specialists,
      cases,
      change,
      relative: right === 0 ? null : change / right,
    }));
}
