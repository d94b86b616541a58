/** @file What was opened on the way to a result is closed where there is none. */

/** Anything that holds sessions of a runtime. */
export interface Closable {
  readonly close: () => Promise<void>;
}

/**
 * Passes on the events and the result of `work`. Where it fails or its caller stops it (`return`),
 * everything in `opened` is closed, what `work` has added to it too; a failure of `work` is what
 * the caller gets, not one of closing.
 */
export async function* closeUnlessDone<E, T>(
  opened: readonly Closable[],
  work: AsyncGenerator<E, T>,
): AsyncGenerator<E, T> {
  let isDone = false;
  try {
    const result = yield* work;
    isDone = true;
    return result;
  } finally {
    if (!isDone) await Promise.allSettled(opened.map((each) => each.close()));
  }
}
