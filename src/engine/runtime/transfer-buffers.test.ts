/** @file Inputs that travel in lent memory: what is sent, used again, and seen by a session. */

import { MessageChannel } from "node:worker_threads";
import { afterAll, expect, test } from "vitest";
import { compileGraph } from "../compile/index.ts";
import { input } from "../graph/index.ts";
import { reshape, softmax } from "../ops/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { type NodeRuntimeOptions, nodeRuntime } from "./node.ts";
import { remoteRuntime, serveRuntime } from "./remote-runtime.ts";
import type { Runtime } from "./runtime.ts";
import { makeTransferBuffers } from "./transfer-buffers.ts";

const size = 5000; // 20 KB: large enough to be lent
const filled = (value: number, length = size): Tensor => ({
  dtype: "float32",
  shape: [length],
  data: new Float32Array(length).fill(value),
});

test("large inputs are copied, others and residents sent as they are", () => {
  const buffers = makeTransferBuffers();
  const whole = Float32Array.from({ length: size + 2 }, (_, at) => at);
  const view: Tensor = { dtype: "float32", shape: [size], data: whole.subarray(1, size + 1) };
  const wide: Tensor = { dtype: "int64", shape: [2048], data: new BigInt64Array(2048).fill(7n) };
  const small = filled(1, 4);
  const resident = { resident: 0, dtype: "float32", shape: [size] } as const;
  const { feeds, memory } = buffers.lend({ view, wide, small, resident });
  expect(feeds).toEqual({ view, wide, small, resident });
  expect(feeds.small).toBe(small);
  const few: Tensor = { dtype: "float32", shape: [2], data: whole.subarray(3, 5) };
  const alone = buffers.lend({ few });
  expect(alone).toEqual({ feeds: { few }, memory: [] });
  expect((alone.feeds.few as Tensor).data.buffer.byteLength).toBe(8); // not all that it is a view of
  expect(feeds.resident).toBe(resident);
  expect(memory.map(({ byteLength }) => byteLength)).toEqual([4 * size, 8 * 2048]);
  expect((feeds.view as Tensor).data.buffer).toBe(memory[0]);
  expect((feeds.view as Tensor).data.length).toBe(size);
});

test("what came back is used again where it fits, and no more than 64 MiB are kept", () => {
  const buffers = makeTransferBuffers();
  const first = buffers.lend({ a: filled(1), b: filled(2) }).memory;
  expect(first[0]).not.toBe(first[1]);
  buffers.takeBack(first);
  const other = buffers.lend({ c: filled(3, 2 * size) }).memory;
  expect(first).not.toContain(other[0]);
  const again = buffers.lend({ d: filled(4), e: filled(5) });
  expect(again.memory.every((each) => first.includes(each))).toBe(true);
  expect(again.feeds).toEqual({ d: filled(4), e: filled(5) });
  const big = 2 ** 25;
  buffers.takeBack(again.memory);
  for (let round = 0; round < 2 ** 12; round++) {
    const { memory } = buffers.lend({ d: filled(0) });
    expect(first).toContain(memory[0]);
    buffers.takeBack(memory);
  }
  buffers.takeBack([new ArrayBuffer(2 * big + 1)]); // too large to be kept: nothing has to go for it
  const { memory } = buffers.lend({ d: filled(4) });
  expect(first).toContain(memory[0]);
  buffers.takeBack(memory);
  buffers.takeBack([new ArrayBuffer(big), new ArrayBuffer(big)]); // with them there are too many
  expect(first).not.toContain(buffers.lend({ a: filled(1) }).memory[0]);
});

const opened: Runtime[] = [];
afterAll(() => Promise.all(opened.map((runtime) => runtime.close())));

/** A runtime behind messages that are cloned as a worker's are, in this thread. */
async function behindMessages(backend: NonNullable<NodeRuntimeOptions["backend"]>) {
  const { port1: here, port2: there } = new MessageChannel();
  const over = { there: 0, back: 0 };
  const serve = serveRuntime(nodeRuntime({ backend, worker: false }), (message, moved) => {
    over.back += moved.length;
    there.postMessage(message, moved);
  });
  there.on("message", serve);
  const runtime = await remoteRuntime({
    post: (message, moved) => {
      over.there += moved.length;
      here.postMessage(message, moved);
    },
    listen: (onMessage) => here.on("message", onMessage),
    hold: () => undefined,
    idle: () => undefined,
    end: async () => here.close(),
  });
  opened.push(runtime);
  return { runtime, over };
}

test.each(["onnxruntime-node", "onnxruntime-web"] as const)(
  "%s: no run sees another's inputs, and what is kept is not written over",
  async (backend) => {
    const { runtime, over } = await behindMessages(backend);
    const x = input("x", "float32", [size]);
    const graph = { name: "same", inputs: [x] };
    const same = await runtime.load(
      compileGraph({ ...graph, outputs: [{ name: "y", value: reshape(x, [size]) }] }),
    );
    const soft = await runtime.load(
      compileGraph({ ...graph, outputs: [{ name: "y", value: softmax(reshape(x, [1, size])) }] }),
    );
    const data = new Float32Array(size).fill(1);
    const mine: Tensor = { dtype: "float32", shape: [size], data };
    const first = same.run({ x: mine }, ["y"]);
    data.fill(2); // the run has its own copy from the call on
    const second = same.run({ x: mine });
    const { kept } = await first;
    expect((await second).outputs.y!.data).toEqual(new Float32Array(size).fill(2));
    for (const value of [3, 4, 5]) {
      const { outputs } = await same.run({ x: filled(value) });
      expect(outputs.y!.data).toEqual(new Float32Array(size).fill(value));
      expect((await soft.run({ x: filled(value) })).outputs.y!.data[7]).toBeCloseTo(1 / size, 9);
    }
    const together = await same.runEach([{ x: filled(6) }, { x: filled(7) }]);
    for (const [at, { y }] of together.entries())
      expect(y!.data).toEqual(new Float32Array(size).fill(6 + at));
    expect((await runtime.fetch(kept.y!)).data).toEqual(new Float32Array(size).fill(1));
    expect(data).toEqual(new Float32Array(size).fill(2));
    await expect(same.run({ x: filled(1, size + 1) })).rejects.toMatchObject({
      code: "backend/run",
    });
    expect((await same.run({ x: mine })).outputs.y!.data).toEqual(data);
    expect(over).toEqual({ there: 12, back: 12 });
  },
);
