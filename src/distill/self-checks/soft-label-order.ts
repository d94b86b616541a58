/** @file J6: soft labels belong to their samples: the teacher's accuracy, worked out from the package, must be what it was. */

import {
  combineMembers,
  type Dataset,
  type SoftLabels,
  teacherAccuracy,
  UNLABELLED,
} from "../../data/index.ts";
import type { SelfCheck } from "../options.ts";
import { checkFailure, passed } from "./check.ts";

/** Rounding to 16 or 8 bits can turn a few near ties. */
const roundingShare = 0.01;

/**
 * @param rows row of each sample in the package
 * @throws RunError "check/J6" if the accuracies differ by more than rounding can explain
 */
export function checkOrder(dataset: Dataset, softLabels: SoftLabels, rows: Int32Array): SelfCheck {
  const { members, classCount, combine } = softLabels.manifest;
  const row = new Float32Array(members.length * classCount);
  let labelled = 0;
  let hits = 0;
  for (let index = 0; index < dataset.length; index++) {
    const label = dataset.labels[index]!;
    if (label === UNLABELLED || rows[index]! < 0) continue;
    const logits = combineMembers(softLabels.logits(rows[index]!, 0, row), members.length, {
      method: combine,
    });
    labelled += 1;
    if (logits.indexOf(Math.max(...logits)) === label) hits += 1;
  }
  const stored = teacherAccuracy(softLabels);
  if (labelled === 0 || stored.accuracy === null || stored.labelled !== labelled)
    return passed("J6", `${rows.length} samples found by content; no accuracy to compare`);
  const now = hits / labelled;
  const then = stored.accuracy;
  if (Math.abs(now - then) > roundingShare)
    throw checkFailure("J6", {
      rule: `the teacher's accuracy from the package must be ${then.toFixed(4)}, as when it was labelled`,
      got: now.toFixed(4),
      fix: "Label again: soft labels and samples do not belong together",
    });
  return passed(
    "J6",
    `teacher accuracy ${now.toFixed(4)} from the package, ${then.toFixed(4)} when labelled`,
  );
}
