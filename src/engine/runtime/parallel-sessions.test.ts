/** @file Many runs at once: who computes them, that answers are the same, what is closed. */

import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { compileGraph } from "../compile/index.ts";
import { input } from "../graph/index.ts";
import { softmax } from "../ops/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { nodeRuntime } from "./node.ts";
import { withParallelSessions } from "./parallel-sessions.ts";
import type { Runtime, SessionOptions } from "./runtime.ts";

const x = input("x", "float32", [3]);
const model = compileGraph({
  name: "m",
  inputs: [x],
  outputs: [{ name: "y", value: softmax(x, -1) }],
});
const fed = (value: number): Record<string, Tensor> => ({
  x: { dtype: "float32", shape: [3], data: Float32Array.of(value, 2, 3) },
});

/** A runtime whose doings are written down. */
interface Watched {
  readonly runtime: Runtime;
  readonly loads: SessionOptions[];
  runs: number;
  open: number;
  isClosed: boolean;
}

let inner: Runtime;
beforeAll(async () => {
  inner = await nodeRuntime({ worker: false });
});
afterAll(() => inner.close());

function watched({ failsToLoad = false } = {}): Watched {
  const own: Watched = {
    loads: [],
    runs: 0,
    open: 0,
    isClosed: false,
    runtime: {
      ...inner,
      load: async (_, options = {}) => {
        own.loads.push(options);
        if (failsToLoad) throw new Error("no room");
        const session = await inner.load(model); // of the model that is asked for, only the length counts here
        own.open += 1;
        const run: typeof session.run = async (...asked) => {
          own.runs += 1;
          await new Promise((done) => setTimeout(done, 5)); // the others are asked meanwhile
          return session.run(...asked);
        };
        const runEach: typeof session.runEach = async (feeds) => {
          own.runs += feeds.length;
          await new Promise((done) => setTimeout(done, 5));
          return session.runEach(feeds);
        };
        const dispose = async (): Promise<void> => {
          own.open -= 1;
          await session.dispose();
        };
        return { ...session, run, runEach, dispose };
      },
      close: async () => {
        own.isClosed = true;
      },
    },
  };
  return own;
}

function begun(first: Watched, further: readonly Watched[]): Runtime {
  const left = [...further];
  return withParallelSessions(first.runtime, async () => left.shift()!.runtime);
}

async function loadedIn(all: readonly Watched[], models = 1): Promise<void> {
  await vi.waitFor(() => {
    for (const { open } of all) expect(open).toBe(models);
  });
  await new Promise((done) => setTimeout(done, 0)); // and has joined in
}

const many = (threads: number): SessionOptions => ({ threads, manyRuns: true });

test("runs are shared out evenly, and each gets its own answer", async () => {
  const all = [watched(), watched(), watched()] as const;
  const [first, ...further] = all;
  const runtime = begun(first, further);
  const session = await runtime.load(model, many(3));
  await loadedIn(further);
  const alone = await inner.load(model);
  const values = Array.from({ length: 9 }, (_, value) => value);
  const answers = await Promise.all(values.map((value) => session.run(fed(value))));
  expect(all.map(({ runs }) => runs)).toEqual([3, 3, 3]);
  for (const value of values) expect(answers[value]).toEqual(await alone.run(fed(value)));
  for (const value of values.slice(0, 2)) await session.run(fed(value));
  expect(first.runs).toBe(5); // one after the other, nobody waits anywhere
  expect(all.map(({ loads }) => loads)).toEqual([
    [{ threads: 1 }],
    [{ threads: 1 }],
    [{ threads: 1 }],
  ]);
  await alone.dispose();
  await session.dispose();
  expect(all.map(({ open }) => open)).toEqual([0, 0, 0]);
  await runtime.close();
  expect(all.map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
});

test("runs asked together stay together, and count as what they are", async () => {
  const [first, second] = [watched(), watched()];
  const session = await begun(first, [second]).load(model, many(2));
  await loadedIn([second]);
  const values = [1, 2, 3];
  const together = session.runEach(values.map(fed));
  const others = values.map((value) => session.run(fed(value)));
  const alone = await inner.load(model);
  for (const [at, outputs] of (await together).entries()) {
    const { outputs: expected } = await alone.run(fed(values[at]!));
    expect(outputs).toEqual(expected);
    expect((await others[at]!).outputs).toEqual(expected);
  }
  expect([first.runs, second.runs]).toEqual([3, 3]);
  await alone.dispose();
  await session.dispose();
});

test("several models share the further runtimes, which are begun once", async () => {
  const [first, second] = [watched(), watched()];
  const runtime = begun(first, [second]);
  const sessions = [await runtime.load(model, many(2)), await runtime.load(model, many(2))];
  await loadedIn([second], 2);
  await Promise.all(sessions.flatMap((session) => [session.run(fed(1)), session.run(fed(2))]));
  expect([first.runs, second.runs]).toEqual([2, 2]);
  for (const session of sessions) await session.dispose();
});

const ofBytes = (length: number): Uint8Array => ({ length }) as Uint8Array;

test.each([
  ["not asked for", model, { threads: 2 }],
  ["one thread", model, many(1)],
  ["a model too large for a copy", ofBytes(2 ** 29 + 1), many(2)],
])("one session has all threads: %s", async (_, bytes, options) => {
  const first = watched();
  const session = await begun(first, []).load(bytes, options); // a further runtime would fail
  await session.dispose();
  expect(first.loads).toEqual([{ threads: options.threads }]);
});

test("copies end with the bytes that all models have for them, and come back", async () => {
  const [first, second] = [watched(), watched()];
  const runtime = begun(first, [second]);
  const half = await runtime.load(ofBytes(2 ** 29), many(5));
  const whole = await runtime.load(ofBytes(1), many(2));
  await half.dispose();
  const again = await runtime.load(ofBytes(2 ** 29), many(2));
  expect(first.loads).toEqual([{ threads: 2 }, { threads: 2 }, { threads: 1 }]);
  expect(second.loads).toEqual([{ threads: 2 }, { threads: 1 }]);
  for (const session of [whole, again]) await session.dispose();
});

test("where one copy cannot be loaded, runs say why, and the others are disposed of", async () => {
  const [first, second] = [watched(), watched({ failsToLoad: true })];
  const runtime = begun(first, [second]);
  const large = ofBytes(2 ** 29);
  for (const _ of [1, 2]) {
    const session = await runtime.load(large, many(2)); // the second time with the bytes of the first
    await vi.waitFor(() => expect(session.run(fed(1))).rejects.toThrow("no room"));
    await session.dispose();
  }
  expect(first.open).toBe(0);
  expect(second.loads).toHaveLength(2);
});

test("where the first copy cannot be loaded, nothing is begun", async () => {
  const first = watched({ failsToLoad: true });
  const runtime = begun(first, []);
  for (const _ of [1, 2])
    await expect(runtime.load(ofBytes(2 ** 29), many(2))).rejects.toThrow("no room");
  expect(first.loads).toEqual([{ threads: 1 }, { threads: 1 }]); // its bytes came back
});

test("a run does not wait for copies that are not loaded yet", async () => {
  const [first, second] = [watched(), watched()];
  let open: (runtime: Runtime) => void = () => undefined;
  const runtime = withParallelSessions(
    first.runtime,
    () =>
      new Promise((done) => {
        open = done;
      }),
  );
  const session = await runtime.load(model, many(2));
  await Promise.all([session.run(fed(1)), session.run(fed(2))]);
  expect(first.runs).toBe(2);
  open(second.runtime);
  await loadedIn([second]);
  await Promise.all([session.run(fed(1)), session.run(fed(2))]);
  expect([first.runs, second.runs]).toEqual([3, 1]);
  await session.dispose();
  await runtime.close();
  expect([first.isClosed, second.isClosed]).toEqual([true, true]);
});

test("a runtime that is closed while a model loads begins no further ones", async () => {
  const { runtime: own } = watched();
  let open: () => void = () => undefined;
  const isOpen = new Promise<void>((done) => {
    open = done;
  });
  const load: Runtime["load"] = async (bytes, options) => {
    await isOpen;
    return own.load(bytes, options);
  };
  const begin = vi.fn(async () => own);
  const runtime = withParallelSessions({ ...own, load }, begin);
  const loading = runtime.load(model, many(3));
  const closing = runtime.close();
  open();
  await closing;
  await (await loading).dispose();
  expect(begin).not.toHaveBeenCalled();
});

test("what stays in a runtime stays in the first", async () => {
  const [first, second] = [watched(), watched()];
  const runtime = begun(first, [second]);
  const session = await runtime.load(model, many(2));
  await loadedIn([second]);
  const resident = await runtime.keep(fed(5).x!);
  const [, kept] = await Promise.all([
    session.run(fed(2)),
    session.run(fed(1), ["y"]), // though the second has nothing to do
    session.run({ x: resident }),
  ]);
  expect([first.runs, second.runs]).toEqual([3, 0]);
  const alone = await inner.load(model);
  const { outputs } = await alone.run(fed(1));
  expect(await runtime.fetch(kept.kept.y!)).toEqual(outputs.y);
  await runtime.release([resident, kept.kept.y!]);
  await alone.dispose();
  await session.dispose();
});
