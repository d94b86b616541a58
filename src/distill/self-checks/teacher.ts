/**
 * @file J2: the teacher's weights do not change; J3: it is in inference mode; J5: its logits are
 * logits.
 */

import { largestError, type SoftLabels } from "../../data/index.ts";
import type { SelfCheck } from "../options.ts";
import { assertTeacherUnchanged, type Teacher } from "../teachers/index.ts";
import { checkFailure, flagged, namedFailure, passed } from "./check.ts";

/**
 * J2, after all training.
 *
 * @param teacher null if only its soft labels are here
 * @throws RunError "check/J2"
 */
export function checkUnchanged(teacher: Teacher | null): SelfCheck {
  if (teacher === null) return passed("J2", "the teacher is not here; its soft labels are fixed");
  try {
    assertTeacherUnchanged(teacher);
  } catch (cause) {
    throw namedFailure(cause);
  }
  return passed("J2", `hash ${teacher.hash.slice(0, 12)} before and after`);
}

/**
 * J3. `label` has asked one batch twice before it wrote anything, and stopped the run if the
 * answers differed.
 */
export function noteDeterminism(teacher: Teacher | null): SelfCheck {
  if (teacher === null) return passed("J3", "the teacher is not here; its soft labels are fixed");
  return teacher.workload.isRepeatable
    ? passed("J3", "one batch asked twice gave the same bytes")
    : flagged("J3", "the teacher is declared not repeatable, so it was not asked twice");
}

/** Probabilities stored with rounding still sum to 1 about so nearly. */
const sumTolerance = 0.02;

/**
 * J5, on what the package stores of view 0: members that are said to give logits do not give
 * probabilities, and members that are said to give log-probabilities do, Σ exp(log p) = 1 within
 * the precision.
 *
 * @throws RunError "check/J5" naming the member
 */
export function checkLogits(softLabels: SoftLabels): SelfCheck {
  const { members, classCount, precision } = softLabels.manifest;
  const row = new Float32Array(members.length * classCount);
  const rowsLikeProbabilities = members.map(() => 0);
  for (let sample = 0; sample < softLabels.length; sample++) {
    softLabels.logits(sample, 0, row);
    for (const [m, { name, kind }] of members.entries()) {
      const z = row.subarray(m * classCount, (m + 1) * classCount);
      if (isDistribution(z)) rowsLikeProbabilities[m]! += 1;
      if (kind !== "log-probabilities") continue;
      const logSum = Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0));
      if (!(Math.abs(logSum) <= largestError(precision, z) + 1e-3))
        throw checkFailure("J5", {
          rule: `member "${name}" is said to give log p, whose exponentials sum to 1`,
          got: `a sum of ${Math.exp(logSum).toPrecision(4)} for row ${sample}`,
          fix: "Declare what the teacher gives, and label again",
        });
    }
  }
  const wrong = members.findIndex(
    ({ kind }, m) => kind === "logits" && rowsLikeProbabilities[m] === softLabels.length,
  );
  if (wrong !== -1)
    throw checkFailure("J5", {
      rule: `member "${members[wrong]!.name}" is said to give logits`,
      got: "numbers in 0 … 1 that sum to 1, for every sample",
      fix: "Declare kind: probabilities, and label again",
    });
  return passed("J5", `members give ${members.map(({ kind }) => kind).join(", ")}, and it shows`);
}

function isDistribution(z: Float32Array): boolean {
  const sum = z.reduce((total, value) => total + value, 0);
  return (
    Math.abs(sum - 1) <= sumTolerance &&
    z.every((value) => value >= -sumTolerance && value <= 1 + sumTolerance)
  );
}
