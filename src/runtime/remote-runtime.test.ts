import { expect, test } from "vitest";
import { scalar, type Tensor } from "../tensor/index.ts";
import { type Channel, remoteRuntime, serveRuntime } from "./remote-runtime.ts";
import type { Runtime } from "./runtime.ts";

const one: Tensor = scalar("float32", 1);

/** A runtime whose `keep` never answers; ended, its channel fails, as worker threads do. */
async function makePair(): Promise<{ runtime: Runtime; crash: (cause: Error) => void }> {
  const there: Runtime = {
    name: "there",
    version: "1",
    kernels: "all",
    convolutionBlock: 0,
    load: async () => {
      throw new Error("no such model");
    },
    keep: () => new Promise(() => undefined),
    fetch: async () => one,
    release: async () => undefined,
    close: async () => undefined,
  };
  const receivers: { message?: (message: unknown) => void; failure?: (cause: Error) => void } = {};
  const serve = serveRuntime(Promise.resolve(there), (message) => receivers.message?.(message));
  const channel: Channel = {
    post: serve,
    listen: (message, failure) => Object.assign(receivers, { message, failure }),
    hold: () => undefined,
    idle: () => undefined,
    end: async () => receivers.failure?.(new Error("the worker ended with code 1")),
  };
  return { runtime: await remoteRuntime(channel), crash: (cause) => receivers.failure?.(cause) };
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

test("a refusal is none of the two", async () => {
  const { runtime } = await makePair();
  await expect(runtime.load(new Uint8Array())).rejects.toMatchObject({ code: "backend/run" });
  expect((await runtime.fetch({ resident: 0, dtype: "float32", shape: [] })).data).toEqual(
    one.data,
  );
});
