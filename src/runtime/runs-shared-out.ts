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
  readonly runtime: Runtime;
  /** runs that are asked and not answered, of all its sessions for many runs */
  asked: number;
}

/** @returns the first runtime, which begins further ones when a session for many runs needs them */
export function withFurther(first: Runtime, begin: () => Promise<Runtime>): Runtime {
  const lanes: Promise<Lane>[] = [Promise.resolve({ runtime: first, asked: 0 })];
  let left = furtherBytes;
  const load = async (model: Uint8Array, options: SessionOptions = {}): Promise<Session> => {
    const { manyRuns = false, threads = 1, ...rest } = options;
    const copies = manyRuns ? Math.min(threads, 1 + Math.floor(left / model.length)) : 1;
    if (copies === 1) return first.load(model, { ...rest, threads });
    const further = (copies - 1) * model.length;
    left -= further;
    const giveBack = (): void => {
      left += further;
    };
    try {
      while (lanes.length < copies) lanes.push(begin().then((runtime) => ({ runtime, asked: 0 })));
      const own = await Promise.all(lanes.slice(0, copies));
      const perCopy = { ...rest, threads: Math.floor(threads / copies) };
      return sharedOut(own, await loadAll(own, model, perCopy), giveBack);
    } catch (cause) {
      giveBack();
      throw cause;
    }
  };
  const close = async (): Promise<void> => {
    for (const lane of await Promise.allSettled(lanes))
      if (lane.status === "fulfilled") await lane.value.runtime.close();
  };
  return { ...first, load, close };
}

/** @throws what the first failure is; nothing stays loaded then */
async function loadAll(
  lanes: readonly Lane[],
  model: Uint8Array,
  options: SessionOptions,
): Promise<readonly Session[]> {
  const loads = await Promise.allSettled(lanes.map(({ runtime }) => runtime.load(model, options)));
  const sessions = loads.flatMap((load) => (load.status === "fulfilled" ? [load.value] : []));
  for (const load of loads)
    if (load.status === "rejected") {
      await Promise.allSettled(sessions.map((session) => session.dispose()));
      throw load.reason;
    }
  return sessions;
}

/** Each run goes where the fewest wait; those with tensors that stay go to the first runtime. */
function sharedOut(
  lanes: readonly Lane[],
  sessions: readonly Session[],
  giveBack: () => void,
): Session {
  const [first] = sessions as readonly [Session]; // one for each of two lanes or more
  const run: Session["run"] = async (feeds, keep = []) => {
    const at = staysIn(feeds, keep) ? 0 : fewestAsked(lanes);
    const lane = lanes[at]!; // one of them
    lane.asked += 1;
    try {
      return await sessions[at]!.run(feeds, keep); // as many as lanes
    } finally {
      lane.asked -= 1;
    }
  };
  const dispose = async (): Promise<void> => {
    for (const session of sessions) await session.dispose();
    giveBack();
  };
  return { ...first, run, dispose };
}

const staysIn = (feeds: Feeds, keep: readonly string[]): boolean =>
  keep.length > 0 || Object.values(feeds).some((value) => "resident" in value);

function fewestAsked(lanes: readonly Lane[]): number {
  const fewest = Math.min(...lanes.map(({ asked }) => asked));
  return lanes.findIndex(({ asked }) => asked === fewest);
}
