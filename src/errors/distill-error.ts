/** @file The base error: a code, plain details, and a sentence made of where + rule + got + fix. */

/** The four parts of every message, plus machine-readable details. */
export interface ErrorParts {
  /** Who complains: a function, a layer path, a file with its line. */
  readonly where: string;
  /** The rule that was broken, as a sentence without a full stop. */
  readonly rule: string;
  /** What was received, if that can be shown. */
  readonly got?: string;
  /** What the reader should do now, as a sentence without a full stop. */
  readonly fix?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Makes the one sentence that people read: `where: rule, got got. fix.` */
export function errorSentence({ where, rule, got, fix }: ErrorParts): string {
  return `${where}: ${rule}${got === undefined ? "" : `, got ${got}`}.${fix === undefined ? "" : ` ${fix}.`}`;
}

/**
 * Every error that Potstill throws on purpose.
 *
 * `code` is stable and has the form `family/problem` (`"shape/mismatch"`); `details` is plain data.
 */
export class DistillError extends Error {
  override readonly name: string = "DistillError";
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, parts: ErrorParts) {
    super(errorSentence(parts), parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = code;
    this.details = parts.details ?? {};
  }
}

/** True for Potstill's own errors; works across copies of the package. */
export function isDistillError(error: unknown): error is DistillError {
  return error instanceof Error && "code" in error && "details" in error;
}
