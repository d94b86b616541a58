/**
 * @file J1: teacher and student not swapped; J9: several seeds. What can be said before any work.
 */

import type { SelfCheck } from "../options.ts";
import { checkFailure, flagged, passed } from "./check.ts";

/**
 * J1. A student as large as the teacher is fine; a larger one is most likely the teacher.
 *
 * @param teacher parameters, null if they cannot be known
 * @throws RunError "check/J1"
 */
export function checkRoles(
  student: number,
  teacher: number | null,
  allowLarger: boolean,
): SelfCheck {
  if (teacher === null) return passed("J1", `student ${student} parameters, teacher's not known`);
  if (student > teacher && !allowLarger)
    throw checkFailure("J1", {
      rule: "the student must not have more parameters than the teacher",
      got: `student ${student}, teacher ${teacher}`,
      fix: "Swap them, or set allowLargerStudent: true if this is meant",
    });
  return passed("J1", `student ${student}, teacher ${teacher} parameters`);
}

/** Seeds that make a result. */
const enoughSeeds = 3;

/** J9. Fewer seeds are allowed, and the report says that they are no result. */
export function checkSeeds(seeds: readonly number[]): SelfCheck {
  return seeds.length >= enoughSeeds
    ? passed("J9", `${seeds.length} seeds`)
    : flagged("J9", `${seeds.length} seed(s): below ${enoughSeeds}, so no result to quote`);
}
