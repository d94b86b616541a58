/**
 * @file The teacher's accuracy: counted while its logits are written, and again from what a package
 * stores.
 */

import { UNLABELLED } from "../dataset.ts";
import type { SoftLabelBatch } from "./batch.ts";
import { combineMembers } from "./combine.ts";
import type { SoftLabelManifest, SoftLabelPlan } from "./manifest.ts";
import type { SoftLabels } from "./reader.ts";
import { type ClassesOfBoth, logitCount, teacherLabels } from "./teacher-classes.ts";

/** Counts over labelled samples of classes that the teacher knows. */
export interface TeacherCounts {
  readonly labelled: number;
  readonly correct: number;
}

export interface TeacherAccuracy extends TeacherCounts {
  /** correct / labelled, 0 … 1; null if no sample is labelled */
  readonly accuracy: number | null;
}

/** What is needed to combine a row of members. */
type Combination = Pick<SoftLabelPlan, "members" | "combine" | "weights">;

/**
 * The teacher's effective logits at T = 1.
 *
 * @param row float32 [members, classes]
 * @returns float32 [classes]
 */
export function effectiveLogits(
  row: Float32Array,
  { members, combine, weights }: Combination,
): Float32Array {
  const isSigmoid = members[0]?.kind === "sigmoid"; // a package does not mix kinds with sigmoid
  const given = weights && { weights };
  return combineMembers(row, members.length, { method: combine, isSigmoid, ...given });
}

/** @returns the class with the largest logit of `from` … `to - 1`; of equal ones the first */
export function mostProbable(logits: Float32Array, from = 0, to: number = logits.length): number {
  let best = from;
  for (let at = from + 1; at < to; at++) if (logits[at]! > logits[best]!) best = at;
  return best - from;
}

/**
 * Adds `count` samples of a batch, from sample `from` on, to the counts; view 0, logits as the
 * teacher gave them.
 */
export function countCorrect(
  { labels, logits }: Pick<SoftLabelBatch, "labels" | "logits">,
  { from, count }: { readonly from: number; readonly count: number },
  plan: Combination & ClassesOfBoth & Pick<SoftLabelPlan, "views">,
  counts: TeacherCounts,
): TeacherCounts {
  const row = plan.members.length * logitCount(plan);
  const ownLabel = teacherLabels(plan);
  let { labelled, correct } = counts;
  for (let sample = from; sample < from + count; sample++) {
    const label = ownLabel(labels[sample]!);
    if (label === UNLABELLED) continue;
    const at = sample * plan.views.count * row;
    labelled += 1;
    const probable =
      plan.members.length === 1
        ? mostProbable(logits, at, at + row)
        : mostProbable(effectiveLogits(logits.subarray(at, at + row), plan));
    if (probable === label) correct += 1;
  }
  return { labelled, correct };
}

/**
 * The teacher's accuracy on the labelled samples of its classes when it was asked, as the manifest
 * has it.
 */
export function recordedAccuracy({ shards }: SoftLabelManifest): TeacherAccuracy {
  const labelled = shards.reduce((total, shard) => total + shard.labelled, 0);
  const correct = shards.reduce((total, shard) => total + shard.correct, 0);
  return { correct, labelled, accuracy: labelled === 0 ? null : correct / labelled };
}

/**
 * Share of labelled samples of the teacher's classes whose most probable class, by the combined
 * teacher at T = 1 on view 0, is their label, from the stored logits. Of equally probable classes
 * the first counts. Equals `recordedAccuracy` at precision float32; at others rounding may turn
 * near ties.
 */
export function teacherAccuracy(softLabels: SoftLabels): TeacherAccuracy {
  const { manifest, length } = softLabels;
  const row = new Float32Array(manifest.members.length * manifest.classCount);
  const ownLabel = teacherLabels(manifest);
  let correct = 0;
  let labelled = 0;
  for (let index = 0; index < length; index++) {
    const label = ownLabel(softLabels.label(index));
    if (label === UNLABELLED) continue;
    labelled += 1;
    const z = effectiveLogits(softLabels.logits(index, 0, row), manifest);
    if (mostProbable(z) === label) correct += 1;
  }
  return { correct, labelled, accuracy: labelled === 0 ? null : correct / labelled };
}
