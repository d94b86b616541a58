/** @file J4 looks at a batch that the soft term weighs, a micro-batch at a time. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { UNLABELLED, withLabels } from "../../data/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import type { DistillOptions } from "../options.ts";
import { runDistillation } from "../run-distillation.ts";
import {
  checksOf,
  data,
  failure,
  finish,
  randomTeacher,
  tinyRun,
  watchedRuntime,
} from "../small-problem.cases.ts";
import type { Teacher } from "../teachers/index.ts";

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

/** A run of a loss that needs labels, with those of some training samples. */
function sparse(isShown: (at: number) => boolean): DistillOptions {
  const shown = data.train.labels.map((label, at) => (isShown(at) ? label : UNLABELLED));
  return tinyRun(
    runtime,
    { kind: "given", teacher },
    {
      data: { ...data, train: withLabels(data.train, shown) },
      distillation: { loss: "dkd" },
      training: { epochs: 2, batchSize: 4, learningRate: 0.01 },
      arms: ["distilled"],
    },
  );
}

test("a first batch without labels is no fault of a loss that needs them", async () => {
  const { events } = await finish(runDistillation(sparse((at) => at % 30 === 1)));
  expect(checksOf(events).J4).toBe(true);
  const detail = events.flatMap((event) => (event.type === "check" ? [event.check] : []));
  const [, first, second] = /at step (\d+); step (\d+) /.exec(
    detail.find(({ id }) => id === "J4")!.detail,
  )!;
  expect(first).toBe(second);
  expect(Number(first)).toBeGreaterThan(1);
});

test("without any label such a loss is refused before anything starts", async () => {
  expect(await failure(runDistillation(sparse(() => false)).next())).toMatchObject({
    code: "config/conflict",
    message: expect.stringContaining("this distillation loss needs the samples' labels"),
  });
});

test("with accumulate no more than a part of the batch is computed at once", async () => {
  const asked = new Set<number>();
  const spied = watchedRuntime(runtime, ({ teacherLogits }) => {
    if (teacherLogits !== undefined && "shape" in teacherLogits)
      asked.add(teacherLogits.shape.at(-2)!); // [..., batch, classes]
  });
  const training = { epochs: 2, batchSize: 24, accumulate: 12, learningRate: 0.01 };
  const options = tinyRun(spied, { kind: "given", teacher }, { training, arms: ["distilled"] });
  await finish(runDistillation(options));
  expect([...asked]).toEqual([2]);
});
