/** @file What a process needs to do tasks, whatever they are: the kinds, and teachers kept open. */

import type { DistillEvent } from "../events.ts";
import type { DistillOptions } from "../options.ts";
import { namedFailure } from "../self-checks/check.ts";
import { checksKind } from "./checks.ts";
import { choiceKind, rankingKind } from "./choice.ts";
import type { Perform, TaskWork } from "./execute.ts";
import { correctionKind, exportKind } from "./finish.ts";
import type { TaskInputs } from "./inputs.ts";
import type { TaskContext, TaskKind } from "./kind.ts";
import { labelsKind, samplesKind } from "./labels.ts";
import { measurementKind, recognitionKind, teacherMeasurementKind } from "./measurement.ts";
import { OpenTeachers } from "./open-teachers.ts";
import type { Plan } from "./plan.ts";
import { setsKind, specialistKind, weightsKind } from "./teacher-parts.ts";
import { studentKind, teacherKind } from "./training.ts";

/** Kinds whose failures are those of a self-check, where one looks for the same. */
const sources = [teacherKind, weightsKind, setsKind, specialistKind, samplesKind, labelsKind];
const others = [
  ...[checksKind, studentKind, choiceKind, rankingKind, correctionKind, exportKind],
  ...[measurementKind, teacherMeasurementKind, recognitionKind],
];
/** A spec is of its kind: the plan has put it there. */
const kinds = new Map<string, TaskKind<unknown>>(
  ([...sources, ...others] as TaskKind<never>[]).map((kind) => [
    kind.kind,
    kind as TaskKind<unknown>,
  ]),
);
const sourceNames: readonly string[] = sources.map(({ kind }) => kind);
const trainingNames: readonly string[] = [teacherKind, specialistKind, studentKind].map(
  ({ kind }) => kind,
);

export interface Workshop {
  readonly perform: Perform<DistillEvent>;
  readonly teachers: OpenTeachers;
  readonly close: () => Promise<void>;
}

/** What of a run's options is no part of any task. */
type WorkshopOptions = Pick<
  DistillOptions,
  | "runtime"
  | "createdBy"
  | "checkpointExtra"
  | "checkpointSeconds"
  | "keepCheckpoints"
  | "memoryBytes"
>;

/** @returns what does the plan's tasks; close it when they are done */
export function openWorkshop(
  { plan, inputs }: { readonly plan: Plan; readonly inputs: TaskInputs },
  { runtime, createdBy, ...saving }: WorkshopOptions,
): Workshop {
  const teachers = new OpenTeachers(runtime, inputs);
  const numbers = new Map(
    plan.tasks
      .filter(({ kind }) => trainingNames.includes(kind))
      .map(({ id }, at) => [id, at + 1] as const),
  );
  const { checkpointExtra, checkpointSeconds, keepCheckpoints, memoryBytes } = saving;
  const context: TaskContext = {
    ...{ runtime, inputs, teachers, createdBy },
    ...{ checkpointExtra, checkpointSeconds, keepCheckpoints, memoryBytes },
    numberOf: (id) => numbers.get(id),
    trainings: numbers.size,
  };
  return {
    teachers,
    perform: (work) => performed(work, context),
    close: () => teachers.close(),
  };
}

async function* performed(
  work: TaskWork,
  context: TaskContext,
): AsyncGenerator<DistillEvent, void> {
  const { kind: name, spec } = work.task;
  const kind = kinds.get(name)!; // every task is added by its kind
  try {
    const done = kind.run(work, spec, context);
    if (done instanceof Promise) await done;
    else yield* done;
  } catch (cause) {
    throw sourceNames.includes(name) ? namedFailure(cause) : cause;
  }
}
