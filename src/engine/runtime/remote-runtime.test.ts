import { expect, test, vi } from "vitest";
import { BackendError } from "../../errors/index.ts";
import { scalar, type Tensor } from "../tensor/index.ts";
import { type Channel, remoteRuntime, serveRuntime } from "./remote-runtime.ts";
import type { Runtime, Session } from "./runtime.ts";

const one: Tensor = scalar("float32", 1);

interface Pair {
  readonly runtime: Runtime;
  readonly crash: (cause: Error) => void;
  /** requests as they arrive */
  readonly sent: readonly { readonly verb: string; readonly args: readonly unknown[] }[];
  /** whether the channel keeps the process alive */
  readonly isHeld: () => boolean;
}

/**
 * A runtime whose `keep` never answers, behind messages that are cloned; ended, its channel fails,
 * as worker threads do.
 */
async function makePair(): Promise<Pair> {
  const there: Runtime = {
    name: "there",
    version: "1",
    kernels: "all",
    convolutionBlock: 0,
    load: async (model) => {
      if (model.length === 0) throw new Error("no such model");
      const answer = { outputs: { y: one }, kept: {} };
      const names = { inputNames: ["x"], outputNames: ["y"] };
      const runEach: Session["runEach"] = async (feeds) => feeds.map(() => answer.outputs);
      const run = async (): Promise<typeof answer> => answer;
      return { ...names, run, runEach, time: async () => [1], dispose: async () => {} };
    },
    keep: () => new Promise(() => undefined),
    fetch: async () => one,
    release: async () => undefined,
    close: async () => undefined,
  };
  const receivers: { message?: (message: unknown) => void; failure?: (cause: Error) => void } = {};
  const serve = serveRuntime(Promise.resolve(there), (message) => receivers.message?.(message));
  const sent: Pair["sent"][number][] = [];
  let isHeld = false;
  const channel: Channel = {
    post: (message, moved) => {
      const arrived = structuredClone(message, { transfer: [...moved] });
      sent.push(structuredClone(arrived) as Pair["sent"][number]); // requests have both
      serve(arrived);
    },
    listen: (message, failure) => Object.assign(receivers, { message, failure }),
    hold: () => {
      isHeld = true;
    },
    idle: () => {
      isHeld = false;
    },
    end: async () => receivers.failure?.(new Error("the worker ended with code 1")),
  };
  const runtime = await remoteRuntime(channel);
  return { runtime, crash: (cause) => receivers.failure?.(cause), sent, isHeld: () => isHeld };
}

const closed = {
  name: "BackendError",
  code: "backend/closed",
  message:
    "runtime: a runtime that is closed answers nothing, nor what was still open. Close it when all work is done, or make another one.",
};

test("a closed runtime says so, to open requests and later ones", async () => {
  const { runtime } = await makePair();
  const open = runtime.keep(one);
  const closing = runtime.close();
  await expect(open).rejects.toMatchObject(closed);
  await closing;
  await expect(runtime.load(new Uint8Array())).rejects.toMatchObject(closed);
  await runtime.close();
});

test("a worker that ends by itself is another error, before and after close", async () => {
  const { runtime, crash } = await makePair();
  const open = runtime.keep(one);
  crash(new Error("out of memory"));
  const crashed = {
    name: "BackendError",
    code: "backend/crashed",
    message:
      "runtime: the worker that owns the sessions must not end before the runtime is closed, got out of memory. Make another runtime; if memory ran out, use smaller batches or fewer threads.",
    cause: expect.objectContaining({ message: "out of memory" }),
  };
  await expect(open).rejects.toMatchObject(crashed);
  await expect(runtime.load(new Uint8Array())).rejects.toMatchObject(crashed);
  await runtime.close();
  await expect(runtime.load(new Uint8Array())).rejects.toMatchObject(crashed);
});

test("a channel's own error is not taken for a crash", async () => {
  const { runtime, crash } = await makePair();
  const open = runtime.keep(one);
  const missing = new BackendError("backend/worker", { where: "there", rule: "it must be there" });
  crash(missing);
  await expect(open).rejects.toBe(missing);
  await expect(runtime.load(new Uint8Array())).rejects.toBe(missing);
});

test("a refusal is none of the two", async () => {
  const { runtime } = await makePair();
  await expect(runtime.load(new Uint8Array())).rejects.toMatchObject({ code: "backend/run" });
  expect((await runtime.fetch({ resident: 0, dtype: "float32", shape: [] })).data).toEqual(
    one.data,
  );
});

test("what cannot be sent is refused, and nothing waits for an answer", async () => {
  const { runtime, isHeld } = await makePair();
  const session = await runtime.load(new Uint8Array(1));
  const data = new Float32Array(6);
  structuredClone(data, { transfer: [data.buffer] });
  const x: Tensor = { dtype: "float32", shape: [6], data };
  const unsent = {
    name: "BackendError",
    code: "backend/run",
    message: expect.stringMatching(
      /^runtime: what "(run|keep)" is given must be able to travel to the worker, got .*detached.*[^.]\. Give arrays whose memory has not gone elsewhere; if memory ran out, use smaller batches\.$/,
    ),
    cause: expect.objectContaining({ name: "DataCloneError" }),
  };
  await expect(session.run({ x })).rejects.toMatchObject(unsent);
  expect(isHeld()).toBe(false);
  await expect(runtime.keep(x)).rejects.toMatchObject(unsent);
  expect(isHeld()).toBe(false);
  const open = runtime.keep(one);
  await expect(session.run({ x })).rejects.toMatchObject(unsent);
  expect(isHeld()).toBe(true); // the other request is still open
  expect((await session.run({ x: one })).outputs.y).toEqual(one);
  await Promise.all([expect(open).rejects.toMatchObject(closed), runtime.close()]);
});

test("runs asked together are one message", async () => {
  const { runtime, sent } = await makePair();
  const session = await runtime.load(new Uint8Array(1));
  const feeds = [{ x: one }, { x: scalar("float32", 2) }];
  const before = sent.length;
  expect(await session.runEach(feeds)).toEqual([{ y: one }, { y: one }]);
  expect(sent.slice(before)).toMatchObject([{ verb: "runEach", args: [0, feeds] }]);
  await runtime.close();
});

test.each([3, 10_000])(
  "%i elements of a larger buffer are sent without the rest",
  async (length) => {
    const { runtime, sent } = await makePair();
    const session = await runtime.load(new Uint8Array(1));
    const whole = Float32Array.from({ length: 20_000 }, (_, at) => at);
    const x: Tensor = { dtype: "float32", shape: [length], data: whole.subarray(5, 5 + length) };
    const resident = { resident: 0, dtype: "float32", shape: [] } as const;
    const open = runtime.keep(x);
    await session.time({ x, resident }, 1);
    await session.run({ x, resident });
    expect(sent.slice(-3)).toMatchObject([
      { verb: "keep", args: [x] },
      { verb: "time", args: [0, { x, resident }, 1] },
      { verb: "run", args: [0, { x, resident }, []] },
    ]);
    const [kept, ...fed] = sent.slice(-3).map(({ args }) => args);
    const tensors = [kept![0], ...fed.map((args) => (args[1] as { x: Tensor }).x)] as Tensor[];
    for (const { data } of tensors) expect(data.buffer.byteLength).toBe(4 * length);
    expect(x.data.length).toBe(length);
    await Promise.all([expect(open).rejects.toMatchObject(closed), runtime.close()]);
  },
);

test("a channel to what cannot be described is ended", async () => {
  const missing = new BackendError("backend/missing", {
    where: "runtime",
    rule: "it must be there",
  });
  const there = Promise.reject(missing);
  there.catch(() => undefined);
  let onMessage: (message: unknown) => void = () => undefined;
  const serve = serveRuntime(there, (message) => onMessage(message));
  const end = vi.fn(async () => undefined);
  const channel: Channel = {
    post: serve,
    listen: (message) => {
      onMessage = message;
    },
    hold: () => undefined,
    idle: () => undefined,
    end,
  };
  await expect(remoteRuntime(channel)).rejects.toMatchObject({
    name: "BackendError",
    code: "backend/missing",
    message: missing.message,
  });
  expect(end).toHaveBeenCalledOnce();
});

test("a model that is a view of more travels alone", async () => {
  const { runtime, sent } = await makePair();
  const more = Uint8Array.of(9, 1, 2, 3, 9, 9);
  for (const bytes of [more, Buffer.from(more)]) {
    await runtime.load(bytes.subarray(1, 4));
    const [model] = sent.at(-1)!.args as readonly [Uint8Array];
    expect([...new Uint8Array(model.buffer)]).toEqual([1, 2, 3]);
  }
});
