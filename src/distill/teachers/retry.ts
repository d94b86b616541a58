/**
 * @file Asking again: a limit on how many wait at once, time limits, exponential waits between
 * attempts.
 */

import { ConfigError, RunError } from "../../errors/index.ts";

/** 25 days; a timer that is set to more ends at once */
const longestTimerMs = 2 ** 31 - 1;

export interface RetryOptions {
  /** attempts after the first */
  readonly retries: number;
  /** wait before attempt k + 1 is backoffMs · 2^(k - 1): no jitter, so runs are alike */
  readonly backoffMs: number;
  /** one attempt may take so long */
  readonly timeoutMs: number;
  /** ends everything */
  readonly signal: AbortSignal | undefined;
}

/** What all attempts ended with. */
export class AttemptsFailed extends Error {
  readonly attempts: number;
  constructor(attempts: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.attempts = attempts;
  }
}

/**
 * Calls `work` until it succeeds.
 *
 * @param work gets a signal that fires at the time limit, or when the outer signal does
 * @throws AttemptsFailed with the last cause; RunError "run/aborted"
 */
export async function withRetries<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { retries, backoffMs, timeoutMs, signal }: RetryOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    assertNotAborted(signal);
    try {
      return await withTimeLimit(work, timeoutMs, signal);
    } catch (cause) {
      assertNotAborted(signal);
      if (attempt > retries) throw new AttemptsFailed(attempt, cause);
    }
    await wait(backoffMs * 2 ** (attempt - 1), signal);
  }
}

async function withTimeLimit<T>(
  work: (signal: AbortSignal) => Promise<T>,
  timeoutMs: number,
  outer: AbortSignal | undefined,
): Promise<T> {
  assertSignal(outer);
  const own = new AbortController();
  let stop: () => void = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      own.abort();
      reject(new Error("stopped"));
    };
    timer = setTimeout(
      () => {
        own.abort();
        reject(new Error(`no answer within ${timeoutMs} ms`));
      },
      Math.min(timeoutMs, longestTimerMs),
    );
  });
  outer?.addEventListener("abort", stop, { once: true });
  try {
    // a function that ignores its signal must not hold us
    return await Promise.race([work(own.signal), stopped]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", stop);
  }
}

/** @throws ConfigError "config/range" */
export function assertSignal(signal: unknown): void {
  const isSignal = typeof Object(signal).addEventListener === "function";
  if (signal === undefined || signal === null || isSignal) return;
  throw new ConfigError("config/range", {
    where: "signal",
    rule: "what stops the work must be an AbortSignal",
    got: signal instanceof AbortController ? "its AbortController" : `${signal}`,
    fix: "Give the signal of an AbortController: controller.signal",
  });
}

/** Waits, or less if the signal fires. */
async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, longestTimerMs));
    signal?.addEventListener("abort", end, { once: true });
  });
}

/** @throws RunError "run/aborted" */
export function assertNotAborted(signal: AbortSignal | undefined, where = "labelling"): void {
  if (!signal?.aborted) return;
  throw new RunError("run/aborted", {
    where,
    rule: "the work was stopped",
    fix: "Run it again with the same settings; it resumes where it stopped",
    cause: signal.reason,
  });
}

/**
 * @returns a function that runs at most `limit` pieces of work at once, the others waiting in order
 */
export function makeLimiter(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next(); // the place is handed over
    }
  };
}
