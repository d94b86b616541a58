/** @file A teacher trained for its own sake: to label with, without a student beside it. */

import { knownClasses } from "../data/index.ts";
import type { DistillEvent } from "./events.ts";
import { makeTeacher } from "./make-teacher.ts";
import type { DistillOptions } from "./options.ts";
import { makeRunJobs } from "./run-jobs.ts";
import { type AskableSource, assertTeacherSource, teacherJobs } from "./teacher-source.ts";
import type { Teacher } from "./teachers/teacher.ts";

type Context = Pick<
  DistillOptions,
  | "data"
  | "teacherClasses"
  | "runtime"
  | "store"
  | "signal"
  | "checkpointSeconds"
  | "keepCheckpoints"
  | "memoryBytes"
>;

/**
 * The teacher that a distillation run would have; it goes on from what the store holds. To close it
 * closes its members, as of any ensemble: those that were given, too.
 *
 * @throws as assertTeacherSource, before anything is trained; whatever training refuses
 */
export async function* trainTeacherAlone(
  source: AskableSource,
  context: Context,
): AsyncGenerator<DistillEvent, Teacher> {
  const { data, teacherClasses: asked } = context;
  const teacherClasses = knownClasses(asked, data.train.classNames);
  assertTeacherSource(source, data, teacherClasses);
  const all = { createdBy: "potstill", ...context, teacherClasses };
  const { teacher } = yield* makeTeacher(source, all, makeRunJobs(all, teacherJobs(source)));
  return teacher;
}
