/** @file A sweep measures the latency of every network that it has trained, and of each once. */

import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { folderStore } from "../../../data/sources/index-node.ts";
import type { Runtime } from "../../../engine/runtime/index.ts";
import { nodeRuntime } from "../../../engine/runtime/node.ts";
import { conductSweep } from "./conduct-sweep.ts";
import { runTask } from "./run-task.ts";
import { preparedSweep, useTinyTable } from "./small-sweep.cases.ts";
import type { Task } from "./task.ts";

const folder = useTinyTable();
let runtime: Runtime;
beforeEach(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterEach(() => runtime.close());

/** @returns points of a sweep, and how many students were timed */
async function measured(...axes: readonly string[]) {
  const sweep = await preparedSweep(folder.path, folder.recipe, axes);
  const path = join(folder.path, "sweep");
  const run = (task: Task, { signal }: { readonly signal: AbortSignal }): Promise<void> =>
    runTask(task, { runtime, root: path, signal, onProgress: () => undefined });
  let timed = 0;
  const counting: Runtime = {
    ...runtime,
    load: (...words) => {
      timed += 1; // training has the runtime itself
      return runtime.load(...words);
    },
  };
  const { points } = await conductSweep(sweep, {
    runtime: counting,
    path,
    store: await folderStore(path),
    executor: { slots: 1, run, close: async () => undefined },
    signal: new AbortController().signal,
    watcher: { onProgress: () => undefined, onDone: () => undefined },
    onRung: () => undefined,
  });
  return { points, timed };
}

test("students pruned to other sizes, and those of an int8 grid, are networks of their own", async () => {
  const pruning = (sparsity: number) =>
    `{sparsity: ${sparsity}, structure: units, startEpoch: 0, endEpoch: 1}`;
  const pruned = await measured(`training.pruning=${pruning(0.1)},${pruning(0.7)}`);
  expect(new Set(pruned.points.map(({ parameters }) => parameters)).size).toBe(2);
  expect(pruned.timed).toBe(2);
  expect((await measured("training.quantizationAware={},{bits: 4}")).timed).toBe(2);
});

test("students of one network share a measurement", async () => {
  const { points, timed } = await measured("T=1,4", "student.width=4,8");
  expect(timed).toBe(2);
  expect(points[0]!.latencyMs).toBe(points[2]!.latencyMs);
  expect(points.every(({ latencyMs }) => latencyMs! > 0)).toBe(true);
});
