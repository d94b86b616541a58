/** @file A teacher trained for its own sake: to label with, without a student beside it. */

import type { DistillEvent } from "./events.ts";
import { type AskableSource, makeTeacher, teacherJobs } from "./make-teacher.ts";
import type { DistillOptions } from "./options.ts";
import { makeRunJobs } from "./run-jobs.ts";
import type { Teacher } from "./teachers/teacher.ts";

type Context = Pick<
  DistillOptions,
  "data" | "runtime" | "store" | "signal" | "checkpointSeconds" | "keepCheckpoints" | "memoryBytes"
>;

/** The teacher that a distillation run would have; it goes on from what the store holds. */
export async function* trainTeacherAlone(
  source: AskableSource,
  context: Context,
): AsyncGenerator<DistillEvent, Teacher> {
  const all = { createdBy: "potstill", ...context };
  const { teacher } = yield* makeTeacher(source, all, makeRunJobs(all, teacherJobs(source)));
  return teacher;
}
