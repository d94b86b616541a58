/** @file The teacher's accuracy, recomputed from what a package stores: a check that soft labels and samples belong together. */

import { UNLABELLED } from "../dataset.ts";
import { combineMembers } from "./combine.ts";
import type { SoftLabels } from "./reader.ts";

/** Counts over the labelled samples. */
export interface TeacherAccuracy {
  readonly correct: number;
  readonly labelled: number;
  /** correct / labelled, 0 … 1; null if no sample is labelled */
  readonly accuracy: number | null;
}

/**
 * Share of labelled samples whose most probable class, by the combined teacher at T = 1 on view 0, is their label.
 * Of equally probable classes the first counts.
 */
export function teacherAccuracy(softLabels: SoftLabels): TeacherAccuracy {
  const { members, classCount, combine: method } = softLabels.manifest;
  const isSigmoid = members[0]?.kind === "sigmoid"; // a manifest does not mix kinds with sigmoid
  const row = new Float32Array(members.length * classCount);
  let correct = 0;
  let labelled = 0;
  for (let index = 0; index < softLabels.length; index++) {
    const label = softLabels.label(index);
    if (label === UNLABELLED) continue;
    labelled += 1;
    const z = combineMembers(softLabels.logits(index, 0, row), members.length, {
      method,
      isSigmoid,
    });
    if (z.indexOf(Math.max(...z)) === label) correct += 1;
  }
  return { correct, labelled, accuracy: labelled === 0 ? null : correct / labelled };
}
