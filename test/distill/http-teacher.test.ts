/**
 * @file A flaky HTTP service as teacher, twice gone in the middle: the package is the direct run's,
 * byte for byte.
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { memoryStore, type Store } from "../../src/data/index.ts";
import { label, labelAll } from "../../src/distill/label.ts";
import { functionTeacher, type Teacher } from "../../src/distill/teachers/index.ts";
import { insectData, pixelLogits, pixelTeacher } from "../../src/distill/teachers/teacher.cases.ts";
import { randomStream } from "../../src/engine/tensor/index.ts";

const dataset = insectData(150);
const views = { count: 2, seed: 3, augmentation: { shift: 1 } };
let server: Server | undefined;

/** Ends the service as a crash does: open connections are cut. */
async function stopServer(): Promise<void> {
  const running = server;
  server = undefined;
  running?.closeAllConnections();
  await new Promise((resolve) => (running === undefined ? resolve(null) : running.close(resolve)));
}

afterEach(stopServer);

/**
 * Answers with logits; of all requests 20 % fail: half with status 503, half by a cut connection.
 */
async function startServer(seed: number): Promise<{ port: number; count: () => [number, number] }> {
  const luck = randomStream("luck", seed);
  let [requests, failures] = [0, 0];
  server = createServer((request, response) => {
    requests += 1;
    const draw = luck.uniform();
    if (draw < 0.2) failures += 1;
    if (draw < 0.1) request.socket.destroy();
    else if (draw < 0.2) response.writeHead(503).end("try later");
    else {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const { images } = JSON.parse(Buffer.concat(parts).toString()) as { images: number[][] };
        const logits = images.map((pixels) => pixelLogits(pixels, 1));
        const wait = Math.floor(luck.uniform() * 4); // answers overtake each other
        setTimeout(() => response.end(JSON.stringify({ logits })), wait);
      });
    }
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's address
  return { port, count: () => [requests, failures] };
}

function httpTeacher(port: number): Teacher {
  return functionTeacher({
    name: "pixels",
    hash: pixelTeacher().hash,
    classCount: 3,
    batchSize: 4,
    concurrency: 3,
    retries: 8, // 0.2^9: no question fails by bad luck
    backoffMs: 1,
    samplesPerShard: 16,
    ask: async ({ samples, signal }) => {
      const images = Array.from({ length: samples.shape[0]! }, (_, i) => [
        ...samples.data.subarray(i * 16, (i + 1) * 16),
      ]);
      const body = JSON.stringify({ images });
      const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body, signal });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return (await response.json()) as { logits: number[][] };
    },
  });
}

async function bytesOf(store: Store): Promise<Record<string, string>> {
  const entries: [string, string][] = [];
  for (const name of await store.list())
    entries.push([name, Buffer.from((await store.read(name))!).toString("hex")]);
  return Object.fromEntries(entries);
}

/** Labels until `until` samples are done, then does `end`. @returns the code that it ended with */
async function labelUntil(
  store: Store,
  until: number,
  options: { readonly port: number; readonly signal?: AbortSignal; readonly end: () => unknown },
): Promise<string> {
  const { port, signal, end } = options;
  try {
    const teacher = httpTeacher(port);
    const run = label({ teacher, dataset, store, views, ...(signal && { signal }) });
    for await (const { done } of run) if (done >= until) await end();
    return "finished";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

test("20 % errors, the service gone once, labelling stopped once: the same bytes", async () => {
  const store = memoryStore();
  const first = await startServer(1);
  expect(await labelUntil(store, 40, { port: first.port, end: stopServer })).toBe(
    "run/teacher-failed",
  );
  // answers that were on their way may still have filled the third shard
  expect([2, 3]).toContain((await store.list("shards/")).length);

  const second = await startServer(2);
  const stop = new AbortController();
  const end = () => stop.abort();
  expect(await labelUntil(store, 90, { port: second.port, signal: stop.signal, end })).toBe(
    "run/aborted",
  );
  await stopServer();
  expect((await store.list("shards/")).length).toBe(5);

  const third = await startServer(3);
  const manifest = await labelAll({ teacher: httpTeacher(third.port), dataset, store, views });
  expect(manifest.sampleCount).toBe(150);
  const counts = [first, second, third].map(({ count }) => count());
  const [requests, failures] = [0, 1].map((k) => counts.reduce((sum, c) => sum + c[k]!, 0));
  expect(failures! / requests!).toBeGreaterThan(0.1); // drawn with 0.2 of some hundred requests

  const direct = memoryStore();
  const teacher = functionTeacher({
    ...{ name: "pixels", hash: pixelTeacher().hash, classCount: 3, samplesPerShard: 16 },
    ask: async ({ samples }) => ({
      logits: await pixelTeacher().logits({
        samples,
        keys: Array(samples.shape[0]).fill(""),
        view: 0,
      }),
    }),
  });
  await labelAll({ teacher, dataset, store: direct, views });
  expect(await bytesOf(store)).toEqual(await bytesOf(direct));
});
