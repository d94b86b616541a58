/**
 * @file A runtime that lives elsewhere (a worker thread) behind messages, and the loop that serves
 * it there.
 */

import { BackendError } from "../../errors/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { Feeds, Resident, RunResult, Runtime, Session, SessionOptions } from "./runtime.ts";
import {
  bytesWithoutRest,
  makeTransferBuffers,
  type TransferBuffers,
  withoutRest,
} from "./transfer-buffers.ts";

/** What can be asked of the other side. */
type Description = Pick<Runtime, "name" | "version" | "kernels" | "convolutionBlock">;

interface Requests {
  describe: { args: []; result: Description };
  load: {
    args: [model: Uint8Array, options: SessionOptions];
    result: { session: number; inputNames: readonly string[]; outputNames: readonly string[] };
  };
  run: { args: [session: number, feeds: Feeds, keep: readonly string[]]; result: RunResult };
  runEach: {
    args: [session: number, feeds: readonly Feeds[]];
    result: readonly RunResult["outputs"][];
  };
  time: { args: [session: number, feeds: Feeds, runs: number]; result: readonly number[] };
  dispose: { args: [session: number]; result: undefined };
  keep: { args: [tensor: Tensor]; result: Resident };
  fetch: { args: [resident: Resident]; result: Tensor };
  release: { args: [residents: readonly Resident[]]; result: undefined };
}

type Verb = keyof Requests;
type Ask = <V extends Verb>(
  verb: V,
  args: Requests[V]["args"],
  lent?: readonly ArrayBuffer[],
) => Promise<Requests[V]["result"]>;
interface Request {
  readonly id: number;
  readonly verb: Verb;
  readonly args: readonly unknown[];
  /** memory of the arguments, which comes back with the reply */
  readonly lent: readonly ArrayBuffer[];
}
interface Failure {
  readonly code: string;
  readonly message: string;
}
interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly failure?: Failure;
  readonly lent: readonly ArrayBuffer[];
}

/** @param moved memory in the message that goes over and is no longer here */
type Post = (message: unknown, moved: readonly ArrayBuffer[]) => void;

/** A two-way message channel. `hold` and `idle` say whether the process must stay alive for it. */
export interface Channel {
  readonly post: Post;
  readonly listen: (
    onMessage: (message: unknown) => void,
    onFailure: (cause: Error) => void,
  ) => void;
  readonly hold: () => void;
  readonly idle: () => void;
  readonly end: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (cause: Error) => void;
}

/** An error that crossed the channel: same code, same sentence. */
class RemoteError extends BackendError {
  constructor({ code, message }: Failure) {
    super(code, { where: "runtime", rule: message });
    this.message = message;
  }
}

/**
 * @returns the runtime at the other end, once it has said what it is
 * @throws BackendError "backend/crashed" if the other end fails, as do then all requests;
 *   "backend/closed" from requests that are open when the runtime is closed, or come later;
 *   "backend/run" from those that cannot be sent
 */
export async function remoteRuntime(channel: Channel): Promise<Runtime> {
  const waiting = new Map<number, Waiting>();
  const buffers = makeTransferBuffers();
  let nextId = 0;
  let ended: BackendError | undefined;
  const settle = (id: number): Waiting | undefined => {
    const entry = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) channel.idle();
    return entry;
  };
  const end = (error: BackendError): void => {
    ended ??= error;
    for (const id of [...waiting.keys()]) settle(id)?.reject(ended);
  };
  channel.listen(
    (message) => {
      const { id, result, failure, lent } = message as Reply; // only `serveRuntime` posts here
      buffers.takeBack(lent);
      const entry = settle(id);
      if (failure !== undefined) entry?.reject(new RemoteError(failure));
      else entry?.resolve(result);
    },
    // a channel that says what is wrong says it better
    (cause) => end(cause instanceof BackendError ? cause : crashed(cause)),
  );
  const ask: Ask = (verb, args, lent = []) => {
    if (ended !== undefined) return Promise.reject(ended);
    const id = nextId++;
    channel.hold();
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve: resolve as Waiting["resolve"], reject }); // the reply's type follows the verb
      try {
        channel.post({ id, verb, args, lent } satisfies Request, lent);
      } catch (cause) {
        settle(id)?.reject(unsent(verb, cause));
      }
    });
  };
  const description = await ask("describe", []).catch(async (cause: unknown) => {
    await channel.end();
    throw cause;
  });
  return {
    ...description,
    load: async (model, options = {}) =>
      remoteSession(await ask("load", [bytesWithoutRest(model), options]), ask, buffers),
    keep: async (tensor) => ask("keep", [withoutRest(tensor)]),
    fetch: (resident) => ask("fetch", [resident]),
    release: (list) => ask("release", [[...list]]),
    close: () => {
      end(closed());
      return channel.end();
    },
  };
}

function remoteSession(
  { session, ...names }: Requests["load"]["result"],
  ask: Ask,
  buffers: TransferBuffers,
): Session {
  return {
    ...names,
    run: async (feeds, keep = []) => {
      const { feeds: sent, memory } = buffers.lend(feeds);
      return ask("run", [session, sent, keep], memory);
    },
    runEach: async (feeds) => {
      const transfers = feeds.map(buffers.lend);
      const sent = transfers.map((transfer) => transfer.feeds);
      const memory = transfers.flatMap((transfer) => transfer.memory);
      return ask("runEach", [session, sent], memory);
    },
    time: async (feeds, runs) => {
      const { feeds: sent, memory } = buffers.lend(feeds);
      return ask("time", [session, sent, runs], memory);
    },
    dispose: () => ask("dispose", [session]),
  };
}

function closed(): BackendError {
  return new BackendError("backend/closed", {
    where: "runtime",
    rule: "a runtime that is closed answers nothing, nor what was still open",
    fix: "Close it when all work is done, or make another one",
  });
}

function unsent(verb: Verb, cause: unknown): BackendError {
  return new BackendError("backend/run", {
    where: "runtime",
    rule: `what "${verb}" is given must be able to travel to the worker`,
    got: (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, ""),
    fix: "Give arrays whose memory has not gone elsewhere; if memory ran out, use smaller batches",
    cause,
  });
}

function crashed(cause: Error): BackendError {
  return new BackendError("backend/crashed", {
    where: "runtime",
    rule: "the worker that owns the sessions must not end before the runtime is closed",
    got: cause.message,
    fix: "Make another runtime; if memory ran out, use smaller batches or fewer threads",
    cause,
  });
}

/** Answers requests with a runtime of this side. */
export function serveRuntime(runtime: Promise<Runtime>, post: Post): (message: unknown) => void {
  const sessions = new Map<number, Session>();
  const handlers: {
    [V in Verb]: (here: Runtime, ...args: Requests[V]["args"]) => Promise<Requests[V]["result"]>;
  } = {
    describe: async ({ name, version, kernels, convolutionBlock }) => ({
      name,
      version,
      kernels,
      convolutionBlock,
    }),
    load: async (here, model, options) => {
      const session = await here.load(model, options);
      const id = sessions.size;
      sessions.set(id, session);
      return { session: id, inputNames: session.inputNames, outputNames: session.outputNames };
    },
    run: (_, session, feeds, keep) => sessions.get(session)!.run(feeds, keep),
    runEach: (_, session, feeds) => sessions.get(session)!.runEach(feeds),
    time: (_, session, feeds, runs) => sessions.get(session)!.time(feeds, runs),
    dispose: async (_, session) => void (await sessions.get(session)?.dispose()),
    keep: (here, tensor) => here.keep(tensor),
    fetch: (here, resident) => here.fetch(resident),
    release: async (here, list) => void (await here.release(list)),
  };
  return (message) => {
    const { id, verb, args, lent } = message as Request; // only `remoteRuntime` posts here
    // `ask` has paired the verb with its arguments.
    const handle = handlers[verb] as (
      here: Runtime,
      ...args: readonly unknown[]
    ) => Promise<unknown>;
    runtime
      .then((here) => handle(here, ...args))
      .then((result) => post({ id, result, lent } satisfies Reply, lent))
      .catch((cause: unknown) =>
        post({ id, failure: failureFrom(cause), lent } satisfies Reply, lent),
      );
  };
}

function failureFrom(cause: unknown): Failure {
  const message = cause instanceof Error ? cause.message : String(cause);
  return { code: cause instanceof BackendError ? cause.code : "backend/run", message };
}
