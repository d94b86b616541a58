import { afterAll, beforeAll, expect, test } from "vitest";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { runJob } from "./job.ts";
import { runDistillation } from "./run-distillation.ts";
import { data, tinyRun } from "./small-problem.cases.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

const job = {
  id: "distilled/seed-1",
  network: { family: "mlp", hidden: [64] },
  train: data.train,
  validation: data.validation,
  training: { epochs: 1, batchSize: 512 },
  seed: 1,
} as const;

test("a step larger than memory is refused with its estimate before it starts", async () => {
  const first = runJob(job, { runtime, memoryBytes: 500_000 }).next();
  await expect(first).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: training of distilled/seed-1: a step must fit in the 0.500 MB of memory that are free, got an estimate of 1.0 MB (state 0.031 MB, inputs 0.023 MB, values of 512 samples 0.989 MB). Compute each batch in parts with accumulate: 4, lower batchSize, or free memory.]`,
  );
});

test("the number of parts that it names does fit, and fewer do not", async () => {
  const within = async (accumulate: number): Promise<string> => {
    const training = { ...job.training, accumulate };
    const events = runJob({ ...job, training }, { runtime, memoryBytes: 500_000 });
    return events.next().then(
      () => "fits",
      (error: Error) => error.message,
    );
  };
  expect(await within(1)).toContain("with accumulate: ");
  const named = Number(/accumulate: (\d+)/.exec(await within(1))?.[1]);
  expect(await within(named)).toBe("fits");
});

test("where no part would fit, a smaller network is what helps", async () => {
  const first = runJob(job, { runtime, memoryBytes: 20_000 }).next();
  await expect(first).rejects.toThrow("Use a smaller network, or a machine with more memory");
});

test("a whole run is refused before its teacher is trained", async () => {
  const network = { family: "mlp", hidden: [64] } as const;
  const training = { epochs: 1, batchSize: 512 };
  const options = tinyRun(runtime, { kind: "train", teacher: { network, training } });
  const refused = runDistillation({ ...options, memoryBytes: 500_000 }).next();
  await expect(refused).rejects.toThrow(/^training of teacher: a step must fit/);
  const small = { ...options, student: network, training, memoryBytes: 500_000 };
  const teacher = { network: { family: "mlp", hidden: [2] }, training } as const;
  const student = runDistillation({ ...small, teacher: { kind: "train", teacher } }).next();
  await expect(student).rejects.toThrow(/^training of student: a step must fit/);
});
