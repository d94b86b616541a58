/**
 * @file Sessions for many runs: copies of a model in several runtimes, which share out the runs.
 *
 * Threads that compute one run together wait for each other at every operator, and all of them wait
 * for one that the system has put aside; threads with a run each do not.
 */

import type { Feeds, Runtime, Session, SessionOptions } from "./runtime.ts";

/** Bytes of copies beside the first, of all models; where they end, copies have more threads. */
const furtherBytes = 2 ** 29;

interface Lane {
  readonly runtime: Promise<Runtime>;
  /** runs that are asked and not answered, of all its sessions for many runs */
  asked: number;
}

/** A model in one lane. */
interface Copy {
  readonly lane: Lane;
  readonly session: Session;
}

/**
 * A session for many runs is there when the first runtime has loaded it; the further copies join in
 * when they are loaded. If one cannot be, runs fail with its error.
 *
 * @returns the first runtime, which begins further ones when a session for many runs needs them
 */
export function withParallelSessions(first: Runtime, begin: () => Promise<Runtime>): Runtime {
  const lanes: Lane[] = [{ runtime: Promise.resolve(first), asked: 0 }];
  let left = furtherBytes;
  let isClosed = false;
  const load = async (model: Uint8Array, options: SessionOptions = {}): Promise<Session> => {
    const { manyRuns = false, threads = 1, ...rest } = options;
    const copies = manyRuns ? Math.min(threads, 1 + Math.floor(left / model.length)) : 1;
    if (copies === 1) return first.load(model, { ...rest, threads });
    const further = (copies - 1) * model.length;
    left -= further;
    const giveBack = (): void => {
      left += further;
    };
    const loadIn = async (lane: Lane): Promise<Copy> => {
      const perCopy = { ...rest, threads: Math.floor(threads / copies) };
      return { lane, session: await (await lane.runtime).load(model, perCopy) };
    };
    try {
      const copy = await loadIn(lanes[0]!); // the first runtime's
      while (!isClosed && lanes.length < copies) lanes.push({ runtime: begin(), asked: 0 });
      return sharedOut(copy, lanes.slice(1, copies).map(loadIn), giveBack);
    } catch (cause) {
      giveBack();
      throw cause;
    }
  };
  const close = async (): Promise<void> => {
    isClosed = true;
    for (const begun of await Promise.allSettled(lanes.map(({ runtime }) => runtime)))
      if (begun.status === "fulfilled") await begun.value.close();
  };
  return { ...first, load, close };
}

/** Each run goes where the fewest wait; those with tensors that stay go to the first runtime. */
function sharedOut(first: Copy, further: readonly Promise<Copy>[], giveBack: () => void): Session {
  const loaded = [first];
  const failures: unknown[] = [];
  for (const loading of further)
    loading.then(
      (copy) => loaded.push(copy),
      (cause) => failures.push(cause),
    );
  const inLane = async <T>(
    { feeds, keep = [] }: { readonly feeds: readonly Feeds[]; readonly keep?: readonly string[] },
    work: (session: Session) => Promise<T>,
  ): Promise<T> => {
    if (failures.length > 0) throw failures[0];
    const { lane, session } = staysIn(feeds, keep) ? first : fewestAsked(loaded);
    lane.asked += feeds.length;
    try {
      return await work(session);
    } finally {
      lane.asked -= feeds.length;
    }
  };
  const run: Session["run"] = (feeds, keep = []) =>
    inLane({ feeds: [feeds], keep }, (session) => session.run(feeds, keep));
  const runEach: Session["runEach"] = (feeds) =>
    inLane({ feeds }, (session) => session.runEach(feeds));
  const dispose = async (): Promise<void> => {
    for (const { session } of await settledCopies(further)) await session.dispose();
    await first.session.dispose();
    giveBack();
  };
  return { ...first.session, run, runEach, dispose };
}

async function settledCopies(loading: readonly Promise<Copy>[]): Promise<readonly Copy[]> {
  const settled = await Promise.allSettled(loading);
  return settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
}

const staysIn = (feeds: readonly Feeds[], keep: readonly string[]): boolean =>
  keep.length > 0 || feeds.flatMap(Object.values).some((value) => "resident" in value);

const fewestAsked = (copies: readonly Copy[]): Copy =>
  copies.reduce((best, copy) => (copy.lane.asked < best.lane.asked ? copy : best));
