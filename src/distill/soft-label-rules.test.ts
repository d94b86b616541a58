/** @file What soft labels alone cannot give is refused, in a job of one's own as in a run. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { runJob } from "./job.ts";
import { runDistillation } from "./run-distillation.ts";
import { data, failure, finish, randomTeacher, tinyJob, tinyRun } from "./small-problem.cases.ts";
import type { Teacher } from "./teachers/index.ts";
import { trainTeacherAlone } from "./train-teacher.ts";

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

const augmentation = { shift: 1 } as const;
const plain = { epochs: 1, batchSize: 16 } as const;
const augmented = { ...plain, augmentation };
const views = { count: 2, seed: 0, augmentation } as const;

/** An error's code and words, without where it was. */
async function refusal(work: Promise<unknown>): Promise<string> {
  const { code, message } = await failure(work);
  return `${code}${message.slice(message.indexOf(": "))}`;
}

test("an augmentation that the soft labels are without is refused in a run's words", async () => {
  const given = { kind: "given", teacher } as const;
  const words = await refusal(
    finish(runDistillation(tinyRun(runtime, given, { training: augmented }))),
  );
  expect(words).toContain("can only see views that the teacher has labelled");
  expect(await refusal(tinyJob(teacher, { training: augmented }))).toBe(words);
  const job = await tinyJob(teacher, { training: plain });
  const own = { ...job, training: augmented };
  expect(await refusal(finish(runJob(own, { runtime })))).toBe(words);
});

test("with labelled views, and without soft labels, training goes on", async () => {
  const job = await tinyJob(teacher, { training: augmented }, { views });
  expect((await finish(runJob(job, { runtime }))).value.history).toHaveLength(1);
  const options = { training: augmented, arms: ["scratch"] } as const;
  const run = runDistillation(tinyRun(runtime, { kind: "given", teacher }, options));
  expect((await finish(run)).value.arms.map(({ arm }) => arm)).toEqual(["scratch"]);
});

test("a package's student that shall ask its teacher is refused", async () => {
  expect(await refusal(tinyJob(teacher, { distillation: { live: true } }))).toBe(
    "config/conflict: live asks the teacher at every step, got its soft labels alone. Give the teacher, or leave live out.",
  );
});

test("specialists see no views that their generalist has not labelled", async () => {
  const network = { family: "mlp", hidden: [8] } as const;
  const specialists = (softWeight: number) =>
    trainTeacherAlone(
      {
        kind: "specialists",
        generalist: { kind: "train", teacher: { network, training: plain } },
        specialists: { count: 2, softWeight, training: augmented },
      },
      { runtime, data },
    );
  expect(await refusal(finish(specialists(0.5)))).toContain(
    "config/conflict: the distilled student can only see views that the teacher has labelled",
  );
  const { value } = await finish(specialists(0));
  await value.close();
});
