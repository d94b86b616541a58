/** @file A kind of task: what work of this kind is told, and how it is done. */

import type { Json, Store } from "../../data/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import type { DistillEvent } from "../events.ts";
import type { JobContext } from "../job.ts";
import type { TaskWork } from "./execute.ts";
import type { TaskInputs } from "./inputs.ts";
import type { OpenTeachers } from "./open-teachers.ts";
import type { PlanBuilder } from "./plan.ts";
import { canonicalJson } from "./task.ts";

/** What a process has for all tasks that it does. */
export interface TaskContext extends Omit<JobContext, "place" | "signal"> {
  readonly runtime: Runtime;
  readonly inputs: TaskInputs;
  readonly teachers: OpenTeachers;
  /** the tool and its version, for packages: no part of any id */
  readonly createdBy: string;
  /** which training of the plan a task is, from 1; undefined for one that is none */
  readonly numberOf: (taskId: string) => number | undefined;
  /** trainings of the whole plan */
  readonly trainings: number;
}

export interface TaskKind<Spec> {
  readonly kind: string;
  /** raised where the same spec gives other bytes than before */
  readonly version: number;
  /** with events, or without any */
  readonly run: (
    work: TaskWork,
    spec: Spec,
    context: TaskContext,
  ) => AsyncGenerator<DistillEvent, void> | Promise<void>;
}

export type Needs = Readonly<Record<string, readonly string[]>>;

/** @returns the task's id. Needs without an id are left out */
export function addTask<Spec extends object>(
  builder: PlanBuilder,
  { kind, version }: Pick<TaskKind<Spec>, "kind" | "version">,
  name: string,
  { spec, needs }: { readonly spec: Spec; readonly needs: Needs },
): string {
  const asked = Object.entries(needs).filter(([, ids]) => ids.length > 0);
  const plain = JSON.parse(canonicalJson(spec, name)) as Json; // as it comes back from a file
  return builder.add(name, { kind, version, spec: plain, needs: Object.fromEntries(asked) });
}

/** @returns the only result that plays this role. @throws TypeError if the plan has none */
export function neededBy({ needs }: Pick<TaskWork, "needs">, role: string): Store {
  return needs[role]![0]!; // the plan's own words: whoever reads it has asked for it
}
