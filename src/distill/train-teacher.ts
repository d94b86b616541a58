/** @file A teacher trained for its own sake: to label with, without a student beside it. */

import type { DistillEvent } from "./events.ts";
import type { DistillOptions, TrainedTeacher } from "./options.ts";
import { makeRunJobs } from "./run-jobs.ts";
import { trainTeacher } from "./teacher-stage.ts";
import type { Teacher } from "./teachers/teacher.ts";

type Context = Pick<
  DistillOptions,
  "data" | "runtime" | "store" | "signal" | "checkpointSeconds" | "keepCheckpoints"
>;

/** The teacher that a distillation run would train; it goes on from what the store holds. */
export async function* trainTeacherAlone(
  source: TrainedTeacher,
  context: Context,
): AsyncGenerator<DistillEvent, Teacher> {
  return yield* trainTeacher(source, context, makeRunJobs(context, source.members ?? 1));
}
