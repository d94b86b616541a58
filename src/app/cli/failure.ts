/** @file How a command fails: the sentence on stderr, and the exit code. */

import { isDistillError } from "../../errors/index.ts";
import type { ExitCode } from "./command.ts";
import type { Terminal } from "./terminal.ts";

/** Work that had begun failed: 1. Stopped on request: 130. Refused before that: 2. */
export class StartedFailure extends Error {
  override readonly name = "StartedFailure";
  constructor(cause: unknown) {
    super("", { cause });
  }
}

/** @returns the exit code of an error */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof StartedFailure) return isInterruption(error.cause) ? 130 : 1;
  if (isInterruption(error)) return 130;
  return isDistillError(error) ? 2 : 1;
}

/** True for errors that mean "stopped on request". */
export function isInterruption(error: unknown): boolean {
  return (
    isDistillError(error) && (error.code === "run/interrupted" || error.code === "run/aborted")
  );
}

/**
 * True where the same work, begun again, may end well: it was stopped, or the disk, the memory, the
 * runtime or a teacher's call failed. Wrong settings or data, failed checks and trainings that lead
 * to NaN fail the same way again.
 */
export function mayEndWell(failure: unknown): boolean {
  const error = failure instanceof StartedFailure ? failure.cause : failure;
  if (!isDistillError(error)) return isOfTheMachine(error);
  const [family] = error.code.split("/");
  if (family === "file" || family === "backend") return !repeating.has(error.code);
  return isInterruption(error) || passing.has(error.code);
}

/** the provider will not learn the operator */
const repeating = new Set(["backend/operator"]);
const passing = new Set(["run/memory", "run/teacher-failed", "run/worker-ended"]);

/** The system's own errors say which call failed; memory that there is not is a RangeError. */
function isOfTheMachine(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return "syscall" in error || /allocation failed|out of memory/i.test(error.message);
}

/** Says what went wrong. Errors of our own are one sentence; others come with their stack. */
export function sayFailure(terminal: Terminal, failure: unknown, json: boolean): void {
  const error = failure instanceof StartedFailure ? failure.cause : failure;
  if (isDistillError(error)) {
    terminal.say(`${terminal.red(`error [${error.code}]`)} ${error.message}`);
    if (json)
      terminal.print(JSON.stringify({ type: "error", code: error.code, message: error.message }));
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.say(`${terminal.red("internal error")} ${text}\nPlease report this.`);
  if (json) terminal.print(JSON.stringify({ type: "error", code: "internal", message: text }));
}
