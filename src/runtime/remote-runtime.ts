/**
 * @file A runtime that lives elsewhere (a worker thread) behind messages, and the loop that serves
 * it there.
 */

import { BackendError } from "../errors/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { Feeds, Resident, RunResult, Runtime, Session, SessionOptions } from "./runtime.ts";

/** What can be asked of the other side. */
type Description = Pick<Runtime, "name" | "version" | "kernels" | "convolutionBlock">;

interface Requests {
  describe: { args: []; result: Description };
  load: {
    args: [model: Uint8Array, options: SessionOptions];
    result: { session: number; inputNames: readonly string[]; outputNames: readonly string[] };
  };
  run: { args: [session: number, feeds: Feeds, keep: readonly string[]]; result: RunResult };
  time: { args: [session: number, feeds: Feeds, runs: number]; result: readonly number[] };
  dispose: { args: [session: number]; result: undefined };
  keep: { args: [tensor: Tensor]; result: Resident };
  fetch: { args: [resident: Resident]; result: Tensor };
  release: { args: [residents: readonly Resident[]]; result: undefined };
}

type Verb = keyof Requests;
interface Request {
  readonly id: number;
  readonly verb: Verb;
  readonly args: readonly unknown[];
}
interface Failure {
  readonly code: string;
  readonly message: string;
}
interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly failure?: Failure;
}

/** A two-way message channel. `hold` and `idle` say whether the process must stay alive for it. */
export interface Channel {
  readonly post: (message: unknown) => void;
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
 *   "backend/closed" from requests that are open when the runtime is closed, or come later
 */
export async function remoteRuntime(channel: Channel): Promise<Runtime> {
  const waiting = new Map<number, Waiting>();
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
      const { id, result, failure } = message as Reply; // only `serveRuntime` posts here
      const entry = settle(id);
      if (failure !== undefined) entry?.reject(new RemoteError(failure));
      else entry?.resolve(result);
    },
    (cause) => end(crashed(cause)),
  );
  const ask = <V extends Verb>(
    verb: V,
    ...args: Requests[V]["args"]
  ): Promise<Requests[V]["result"]> => {
    if (ended !== undefined) return Promise.reject(ended);
    const id = nextId++;
    channel.hold();
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve: resolve as Waiting["resolve"], reject }); // the reply's type follows the verb
      channel.post({ id, verb, args } satisfies Request);
    });
  };
  const description = await ask("describe");
  const load = async (model: Uint8Array, options: SessionOptions = {}): Promise<Session> => {
    const { session, inputNames, outputNames } = await ask("load", model, options);
    return {
      inputNames,
      outputNames,
      run: (feeds, keep = []) => ask("run", session, feeds, keep),
      time: (feeds, runs) => ask("time", session, feeds, runs),
      dispose: () => ask("dispose", session),
    };
  };
  return {
    ...description,
    load,
    keep: (tensor) => ask("keep", tensor),
    fetch: (resident) => ask("fetch", resident),
    release: (list) => ask("release", [...list]),
    close: () => {
      end(closed());
      return channel.end();
    },
  };
}

function closed(): BackendError {
  return new BackendError("backend/closed", {
    where: "runtime",
    rule: "a runtime that is closed answers nothing, nor what was still open",
    fix: "Close it when all work is done, or make another one",
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
export function serveRuntime(
  runtime: Promise<Runtime>,
  post: (message: unknown) => void,
): (message: unknown) => void {
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
    time: (_, session, feeds, runs) => sessions.get(session)!.time(feeds, runs),
    dispose: async (_, session) => void (await sessions.get(session)?.dispose()),
    keep: (here, tensor) => here.keep(tensor),
    fetch: (here, resident) => here.fetch(resident),
    release: async (here, list) => void (await here.release(list)),
  };
  return (message) => {
    const { id, verb, args } = message as Request; // only `remoteRuntime` posts here
    // `ask` has paired the verb with its arguments.
    const handle = handlers[verb] as (
      here: Runtime,
      ...args: readonly unknown[]
    ) => Promise<unknown>;
    runtime
      .then((here) => handle(here, ...args))
      .then((result) => post({ id, result } satisfies Reply))
      .catch((cause: unknown) => post({ id, failure: failureFrom(cause) } satisfies Reply));
  };
}

function failureFrom(cause: unknown): Failure {
  const message = cause instanceof Error ? cause.message : String(cause);
  return { code: cause instanceof BackendError ? cause.code : "backend/run", message };
}
