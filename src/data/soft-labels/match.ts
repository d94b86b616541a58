/**
 * @file Checks that soft labels and samples belong together: the teacher must be as right as when
 * it was asked.
 */

import { DataError } from "../../errors/index.ts";
import { type Dataset, UNLABELLED } from "../dataset.ts";
import { effectiveLogits, mostProbable } from "./accuracy.ts";
import type { SoftLabelPrecision } from "./manifest.ts";
import type { SoftLabels } from "./reader.ts";
import { teacherLabels } from "./teacher-classes.ts";

/** What was compared. */
export interface SoftLabelMatch {
  readonly labelled: number;
  /** right when the teacher was asked */
  readonly recorded: number;
  /** right by the stored logits */
  readonly correct: number;
  /**
   * samples whose two best classes are nearer than rounding can tell apart: |correct − recorded| is
   * at most this
   */
  readonly nearTies: number;
}

/**
 * Recomputes the teacher's accuracy from the package, shard by shard, with the data set's labels
 * where it is the very set that was labelled (same hash), else with the package's own. Each shard
 * must have as many right as when the teacher was asked: exactly at precision float32; otherwise
 * within the number of near ties, samples whose two best logits differ by no more than 4 δ, with δ
 * the precision's largest error in that row.
 *
 * @param rows the package's row of each sample of the data set, from `alignSoftLabels`
 * @throws DataError "package/order" naming the shard
 */
export function assertSoftLabelsMatch(
  softLabels: SoftLabels,
  dataset: Dataset,
  rows: Int32Array,
): SoftLabelMatch {
  if (dataset.hash() !== softLabels.manifest.dataHash) return assertCountsHold(softLabels);
  const ownRow = (sample: number): number => {
    const row = rows[sample]!; // of equal samples the first one's
    return softLabels.keys[sample] === softLabels.keys[row] ? sample : row;
  };
  return matched(softLabels, { label: (sample) => dataset.labels[sample]!, row: ownRow });
}

/**
 * As assertSoftLabelsMatch with the package's own labels.
 *
 * @throws DataError "package/order" naming the shard
 */
export function assertCountsHold(softLabels: SoftLabels): SoftLabelMatch {
  return matched(softLabels, { label: softLabels.label, row: (sample) => sample });
}

/** Where the label of a sample stands, and its logits. */
interface Places {
  readonly label: (sample: number) => number;
  readonly row: (sample: number) => number;
}

function matched(softLabels: SoftLabels, places: Places): SoftLabelMatch {
  const { manifest } = softLabels;
  const ownLabel = teacherLabels(manifest);
  let total: SoftLabelMatch = { labelled: 0, recorded: 0, correct: 0, nearTies: 0 };
  let first = 0;
  for (const shard of manifest.shards) {
    const end = first + shard.samples;
    let [labelled, correct, nearTies] = [0, 0, 0];
    for (let sample = first; sample < end; sample++) {
      const label = ownLabel(places.label(sample));
      if (label === UNLABELLED) continue;
      const { best, isNearTie } = judge(softLabels, places.row(sample));
      labelled += 1;
      if (best === label) correct += 1;
      if (isNearTie) nearTies += 1;
    }
    const isRight = labelled === shard.labelled && Math.abs(correct - shard.correct) <= nearTies;
    if (!isRight)
      throw new DataError("package/order", {
        where: `soft labels of ${manifest.dataName}, ${shard.name}`,
        rule: `the teacher had ${shard.correct} of ${shard.labelled} labelled samples right when it was asked, and must have as many by the package (± ${nearTies} near ties)`,
        got: `${correct} of ${labelled}`,
        fix: "Label again: soft labels and samples are not in the same order, or labels have changed",
        details: { shard: shard.name, recorded: shard.correct, correct, labelled, nearTies },
      });
    total = {
      labelled: total.labelled + labelled,
      recorded: total.recorded + shard.correct,
      correct: total.correct + correct,
      nearTies: total.nearTies + nearTies,
    };
    first = end;
  }
  return total;
}

/**
 * Largest error that storing a row can make: 0 for float32; max(|z| · 2^-11, 2^-25) for float16;
 * for int8 half its scale, range / 510, with 2 % more for rounding to float32.
 */
export function largestError(precision: SoftLabelPrecision, row: Float32Array): number {
  const [low, high] = [Math.min(...row), Math.max(...row)];
  if (precision === "float16") return Math.max(Math.max(-low, high) * 2 ** -11, 2 ** -25);
  return precision === "int8" ? (high - low) / 500 : 0;
}

function judge(softLabels: SoftLabels, row: number): { best: number; isNearTie: boolean } {
  const { members, classCount, precision } = softLabels.manifest;
  const stored = softLabels.logits(row, 0, new Float32Array(members.length * classCount));
  const z = effectiveLogits(stored, softLabels.manifest);
  const best = mostProbable(z);
  const second = z.reduce(
    (most, value, k) => (k === best ? most : Math.max(most, value)),
    -Infinity,
  );
  const error = largestError(precision, stored);
  return { best, isNearTie: error > 0 && z[best]! - second <= 4 * error };
}
