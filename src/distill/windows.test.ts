/** @file Distillation that begins or ends within a run: a weight with windows. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { runJob } from "./job.ts";
import { runDistillation } from "./run-distillation.ts";
import { finish, randomTeacher, tinyJob, tinyRun } from "./small-problem.cases.ts";
import type { Teacher } from "./teachers/index.ts";

let runtime: Runtime;
let teacher: Teacher;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  teacher = await randomTeacher(runtime);
});
afterAll(async () => {
  await teacher.close();
  await runtime.close();
});

/** Validation loss after each of four epochs. */
async function losses(softWeight: number | readonly [number, number]): Promise<readonly number[]> {
  const weight =
    typeof softWeight === "number"
      ? softWeight
      : ({ kind: "windows", value: 0.9, on: [softWeight] } as const);
  const training = { epochs: 4, batchSize: 16, learningRate: 0.01 };
  const job = await tinyJob(teacher, { training, distillation: { softWeight: weight } });
  const { value } = await finish(runJob(job, { runtime }));
  return value.history.map(({ validationLoss }) => validationLoss);
}

test("the loss changes at the epoch that is named, and not before", async () => {
  const [plain, throughout] = [await losses(0), await losses(0.9)];
  const late = await losses([0.5, 1]);
  expect(late.slice(0, 2)).toEqual(plain.slice(0, 2));
  expect(late[2]).not.toBe(plain[2]);
  const early = await losses([0, 0.5]);
  expect(early.slice(0, 2)).toEqual(throughout.slice(0, 2));
  expect(early[2]).not.toBe(throughout[2]);
});

test("reports say when", async () => {
  const distillation = { softWeight: { kind: "windows", value: 0.9, on: [[0.25, 1]] } } as const;
  const { value } = await finish(
    runDistillation(tinyRun(runtime, { kind: "given", teacher }, { distillation })),
  );
  const { description } = value.arms.find(({ arm }) => arm === "distilled")!;
  expect(description).toContain("weights 0.9 (in 0.25–1 of the run, else 0) soft and 0.1 hard");
});
