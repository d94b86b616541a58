/** @file A teacher trained for its own sake: to label with, without a student beside it. */

import { knownClasses, memoryStore } from "../data/index.ts";
import type { DistillEvent } from "./events.ts";
import type { DistillOptions } from "./options.ts";
import { execute } from "./tasks/execute.ts";
import { TaskInputs } from "./tasks/inputs.ts";
import { buildPlan } from "./tasks/plan.ts";
import { planTeacher } from "./tasks/plan-teacher.ts";
import { resultStore } from "./tasks/result-store.ts";
import { openWorkshop } from "./tasks/workshop.ts";
import { type AskableSource, assertTeacherSource } from "./teacher-source.ts";
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
 * The teacher that a distillation run would have; what the store holds of it is not trained again.
 * To close it closes its members, as of any ensemble: those that were given, too.
 *
 * @throws as assertTeacherSource, before anything is trained; whatever training refuses
 */
export async function* trainTeacherAlone(
  source: AskableSource,
  context: Context,
): AsyncGenerator<DistillEvent, Teacher> {
  const { data, teacherClasses: asked, runtime, signal, store } = context;
  const teacherClasses = knownClasses(asked, data.train.classNames);
  assertTeacherSource(source, data, teacherClasses);
  const [builder, inputs] = [buildPlan(), new TaskInputs()];
  const options = { data, teacherClasses, training: { epochs: 1 } }; // of no student
  const own = { builder, inputs, options, runtime: `${runtime.name} ${runtime.version}` };
  const { spec, needs } = planTeacher(source, own);
  const plan = builder.plan(Object.values(needs).flat());
  const results = resultStore(store ?? memoryStore("memory"));
  const workshop = openWorkshop({ plan, inputs }, { createdBy: "potstill", ...context });
  try {
    const { perform, teachers } = workshop;
    yield* execute(plan, { results, perform, ...(signal && { signal }) });
    const opened = Object.entries(needs).map(([role, ids]) => [role, ids.map(results.open)]);
    const teacher = await teachers.get(spec, {
      needs: Object.fromEntries(opened),
      task: { needs },
    });
    const close = (): Promise<void> => workshop.close().finally(teacher.close);
    return { ...teacher, close };
  } catch (cause) {
    await workshop.close().catch(() => undefined); // the failure is told
    throw cause;
  }
}
