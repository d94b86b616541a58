/**
 * @file What every run checks about itself: failures that other tools let pass in silence, each
 * with a name.
 */

import { isDistillError, RunError } from "../../errors/index.ts";
import type { SelfCheck } from "../options.ts";

/** The nine checks. */
export const checkNames = {
  J1: "teacher and student not swapped",
  J2: "teacher unchanged",
  J3: "teacher deterministic",
  J4: "distillation gradient reaches the student",
  J5: "logits are logits",
  J6: "soft labels in order",
  J7: "T² scaling",
  J8: "export holds the student alone",
  J9: "several seeds",
} as const;

export type CheckId = keyof typeof checkNames;

/** @returns a passed check. @param detail the numbers that decided */
export function passed(id: CheckId, detail: string): SelfCheck {
  return { id, name: checkNames[id], passed: true, detail };
}

/** @returns a failed check that does not stop the run but stays in its report */
export function flagged(id: CheckId, detail: string): SelfCheck {
  return { id, name: checkNames[id], passed: false, detail };
}

/** @returns the error that stops a run: code "check/J4" */
export function checkFailure(
  id: CheckId,
  parts: {
    readonly rule: string;
    readonly got?: string;
    readonly fix?: string;
    readonly details?: Readonly<Record<string, unknown>>;
    readonly cause?: unknown;
  },
): RunError {
  return new RunError(`check/${id}`, { where: `self-check ${id} (${checkNames[id]})`, ...parts });
}

/** Which check an error of the parts that a run is made of belongs to. */
const checkOfCode: Readonly<Record<string, CheckId>> = {
  "teacher/changed": "J2",
  "teacher/batch-dependent": "J3",
  "teacher/not-deterministic": "J3",
  "teacher/undeclared-probabilities": "J5",
  "package/order": "J6",
  "package/teacher-differs": "J6",
  "export/size-gate": "J8",
};

/**
 * @returns the same failure under its check's name, with the error as cause; other errors as they
 *   are
 */
export function namedFailure(cause: unknown): unknown {
  if (!isDistillError(cause)) return cause;
  const id = checkOfCode[cause.code];
  const { details } = cause;
  return id === undefined
    ? cause
    : checkFailure(id, { rule: cause.message.replace(/\.$/, ""), details, cause });
}
