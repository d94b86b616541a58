import { expect, test } from "vitest";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { exportStudent } from "./final-stage.ts";
import type { JobResult } from "./job.ts";
import { randomModel, stripes, watchedRuntime } from "./small-problem.cases.ts";

test("an exported student is compared in batches, however many validation samples there are", async () => {
  const runtime = await nodeRuntime({ worker: false });
  const asked: number[] = [];
  const spied = watchedRuntime(runtime, ({ samples }) => {
    if (samples !== undefined && "shape" in samples) asked.push(samples.shape[0]!);
  });
  const job = { model: randomModel([8], 1) } as JobResult; // nothing else of it is asked for
  const { maxDifference } = await exportStudent(spied, { job, seed: 1 }, stripes("many", 600));
  expect(asked).toContain(600 % 256);
  expect(Math.max(...asked)).toBe(256);
  expect(maxDifference).toBeLessThan(1e-5);
  await runtime.close();
});
