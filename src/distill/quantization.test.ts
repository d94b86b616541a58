/** @file Whole runs whose students train on the int8 grid or are pruned: checks, files, resume. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryStore } from "../data/index.ts";
import type { NetworkSpec } from "../engine/nn/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { runJob } from "./job.ts";
import { runDistillation } from "./run-distillation.ts";
import {
  checksOf,
  failure,
  finish,
  outcome,
  placeIn,
  randomTeacher,
  tinyJob,
  tinyRun,
} from "./small-problem.cases.ts";
import type { Teacher } from "./teachers/index.ts";
import type { TrainingSpec } from "./training-spec.ts";

let runtime: Runtime;
let teacher: Teacher;

beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  teacher = await randomTeacher(runtime);
});
afterAll(() => runtime.close());

const base = { epochs: 4, batchSize: 16, learningRate: 0.01 };
const cases: readonly (readonly [string, TrainingSpec, NetworkSpec | null])[] = [
  ["moving ranges", { ...base, quantizationAware: { startEpoch: 1 } }, null],
  [
    "learned ranges, in parts",
    { ...base, accumulate: 2, quantizationAware: { ranges: "learned" } },
    null,
  ],
  [
    "a recurrent unit",
    { ...base, quantizationAware: { startEpoch: 1 } },
    { family: "gru", units: [4] },
  ],
  ["pruned weights", { ...base, pruning: { sparsity: 0.5, endEpoch: 2 } }, null],
  ["pruned units", { ...base, pruning: { sparsity: 0.5, endEpoch: 2, structure: "units" } }, null],
];

test.each(cases)("a whole run passes its checks: %s", async (_, training, student) => {
  const more = { training, seeds: [1, 2, 3], ...(student && { student }) };
  const options = tinyRun(
    runtime,
    { kind: "given", teacher },
    { ...more, allowLargerStudent: true },
  );
  const { events } = await finish(runDistillation(options));
  const checks = checksOf(events);
  expect(Object.keys(checks)).toHaveLength(9);
  expect(Object.values(checks).every((passed) => passed)).toBe(true);
});

test.each(cases)("stopped and resumed gives the same bytes: %s", async (_, training, student) => {
  const job = await tinyJob(teacher, { training, ...(student && { student }) });
  const whole = await finish(runJob(job, { runtime }));
  const store = memoryStore();
  const stop = new AbortController();
  const stopped = async (): Promise<void> => {
    const run = runJob(job, { runtime, place: placeIn(store), signal: stop.signal });
    for (let next = await run.next(); next.done !== true; next = await run.next())
      if (next.value.type === "epoch") stop.abort();
  };
  expect((await failure(stopped())).code).toBe("run/interrupted");
  const resumed = await finish(runJob(job, { runtime, place: placeIn(store) }));
  expect(outcome(resumed.value)).toEqual(outcome(whole.value));
});
