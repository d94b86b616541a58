/**
 * @file A student that asks its teacher at every step, and one that has only the package: the same
 * bytes.
 */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryStore, openSoftLabels } from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { type JobResult, runJob } from "./job.ts";
import { type LabelOptions, labelAll } from "./label.ts";
import { packageJob } from "./package-job.ts";
import { runDistillation } from "./run-distillation.ts";
import {
  data,
  failure,
  finish,
  outcome,
  randomTeacher,
  tinyJob,
  tinyRun,
} from "./small-problem.cases.ts";
import { ensembleTeacher, type Teacher } from "./teachers/index.ts";

let runtime: Runtime;
let teacher: Teacher;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  teacher = await randomTeacher(runtime);
});
afterAll(() => runtime.close());

const training = { epochs: 5, batchSize: 16, learningRate: 0.01 };
const noViews = { count: 1, seed: 0, augmentation: null } as const;
const mixed = { count: 2, seed: 5, augmentation: { shift: 1, mixup: { alpha: 0.4 } } } as const;
const threeViews = { count: 3, seed: 4, augmentation: { shift: 1, flip: true } } as const;

/** Trains from a package alone (its own samples), and live. */
async function both(
  from: Teacher,
  labels: Partial<LabelOptions>,
): Promise<{ readonly packaged: JobResult; readonly live: JobResult; readonly asked: number }> {
  const store = memoryStore();
  await labelAll({ teacher: from, dataset: data.train, store, withInputs: true, ...labels });
  const softLabels = await openSoftLabels(store);
  const common = { id: "student", softLabels, validation: data.validation, training, seed: 3 };
  const student = { family: "mlp", hidden: [8], dropout: 0.2 } as const;
  const away = packageJob({ ...common, train: softLabels.asDataset(), student });
  const packaged = (await finish(runJob(away, { runtime }))).value;
  let asked = 0;
  const counting: Teacher = {
    ...from,
    logits: (batch) => {
      asked += 1;
      return from.logits(batch);
    },
  };
  const near = packageJob({ ...common, train: data.train, student });
  const job = { ...near, soft: { ...near.soft!, live: counting } };
  const live = (await finish(runJob(job, { runtime }))).value;
  return { packaged, live, asked };
}

describe.each(["float32", "float16", "int8"] as const)("a %s package", (precision) => {
  test.each([
    ["one view", noViews],
    ["three views over five epochs", threeViews],
    ["mixed samples", mixed],
  ])("%s: the package's student is the live one, byte for byte", async (_, views) => {
    const { packaged, live, asked } = await both(teacher, { precision, views });
    expect(outcome(live)).toEqual(outcome(packaged));
    expect(asked).toBe(5 * 5); // steps
  });
});

test("an ensemble's members are each rounded as the package rounds them", async () => {
  const members = ensembleTeacher([teacher, await randomTeacher(runtime, 8)]);
  const { packaged, live } = await both(members, { precision: "int8", views: threeViews });
  expect(outcome(live)).toEqual(outcome(packaged));
});

test("the live teacher's answers matter: another one makes another student", async () => {
  const job = await tinyJob(teacher);
  const live = { ...job, soft: { ...job.soft!, live: await randomTeacher(runtime, 9) } };
  const [a, b] = [await finish(runJob(job, { runtime })), await finish(runJob(live, { runtime }))];
  expect(outcome(b.value)).not.toEqual(outcome(a.value));
});

test("a teacher that fails in the middle ends the training with its error", async () => {
  const job = await tinyJob(teacher);
  let asked = 0;
  const broken: Teacher = {
    ...teacher,
    logits: async (batch) => {
      asked += 1;
      const logits = await teacher.logits(batch);
      return asked < 8 ? logits : logits.fill(Number.NaN);
    },
  };
  const live = { ...job, soft: { ...job.soft!, live: broken } };
  const { code, message } = await failure(finish(runJob(live, { runtime })));
  expect(code).toBe("package/non-finite");
  expect(message).toMatch(/^soft labels of sample \d+, class 0: /);
});

test("a whole run, live, gives the student of the run from the package", async () => {
  const options = tinyRun(
    runtime,
    { kind: "given", teacher },
    { labels: { views: 2, augmentation: { shift: 1 } } },
  );
  const stored = (await finish(runDistillation(options))).value;
  const live = (await finish(runDistillation({ ...options, distillation: { live: true } }))).value;
  expect(live.student.bytes).toEqual(stored.student.bytes);
});
