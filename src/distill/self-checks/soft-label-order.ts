/**
 * @file J6: soft labels belong to their samples: the teacher is as right by the package as when it
 * was asked.
 */

import {
  assertSoftLabelsMatch,
  type Dataset,
  type SoftLabels,
  UNLABELLED,
} from "../../data/index.ts";
import type { SelfCheck } from "../options.ts";
import { checkTeacherAgainstPackage } from "../teacher-check.ts";
import type { Teacher } from "../teachers/index.ts";
import { checkFailure, namedFailure, passed } from "./check.ts";

export interface StoredOrder {
  readonly dataset: Dataset;
  readonly softLabels: SoftLabels;
  /** the package's row of each sample, from alignSoftLabels */
  readonly rows: Int32Array;
}

export interface OrderCheck extends StoredOrder {
  /**
   * null if only its soft labels are here; a teacher that is here is asked about some samples again
   */
  readonly teacher: Teacher | null;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Three comparisons: the labels of data and package, sample by sample; the teacher's accuracy from
 * the package with that of labelling time, shard by shard; and, where the teacher is here, its
 * answers now with the stored ones.
 *
 * @throws RunError "check/J6"
 */
export async function checkOrder({ teacher, signal, ...stored }: OrderCheck): Promise<SelfCheck> {
  const { dataset, softLabels } = stored;
  const { detail: counts } = checkStoredOrder(stored);
  if (teacher === null) return passed("J6", counts);
  try {
    const found = await checkTeacherAgainstPackage({
      teacher,
      dataset,
      softLabels,
      ...(signal && { signal }),
    });
    return passed("J6", `${counts}; ${found.asked} samples asked again gave the stored logits`);
  } catch (cause) {
    throw namedFailure(cause);
  }
}

/** The first two, which need no teacher. @throws RunError "check/J6" */
export function checkStoredOrder(stored: StoredOrder): SelfCheck {
  assertSameLabels(stored);
  try {
    const match = assertSoftLabelsMatch(stored.softLabels, stored.dataset, stored.rows);
    const counts = `${match.correct} of ${match.labelled} labelled samples right by the package`;
    return passed("J6", `${counts}, ${match.recorded} when asked`);
  } catch (cause) {
    throw namedFailure(cause);
  }
}

/** A sample that is there twice may have two labels; all of them are right. */
function assertSameLabels({ dataset, softLabels, rows }: StoredOrder): void {
  const stored = new Map<string, number>();
  const others = new Map<string, Set<number>>(); // of samples that are there with several labels
  for (const [row, key] of softLabels.keys.entries()) {
    const label = softLabels.label(row);
    const first = stored.get(key);
    if (first === undefined) stored.set(key, label);
    else if (first !== label) others.set(key, (others.get(key) ?? new Set()).add(label));
  }
  const isOther = (label: number, index: number): boolean => {
    const key = dataset.key(index);
    const first = stored.get(key);
    if (label === UNLABELLED || first === undefined || first === label) return false;
    const more = others.get(key);
    return first !== UNLABELLED && !more?.has(label) && !more?.has(UNLABELLED);
  };
  const wrong = dataset.labels.findIndex(isOther);
  if (wrong === -1) return;
  const { classNames, labels } = dataset;
  throw checkFailure("J6", {
    rule: `sample ${wrong} (key ${dataset.key(wrong)}) is labelled "${classNames[labels[wrong]!]}" in the data and must be so in the package`,
    got: `"${classNames[softLabels.label(rows[wrong]!)]}"`,
    fix: "Label again: soft labels and samples are not in the same order, or labels have changed",
    details: { sample: wrong },
  });
}
