/**
 * @file Executes a plan: only what is wanted and not there, each task after those that it needs.
 * Neither the order, nor the number at once, nor an interruption is seen by a task.
 */

import type { Plan, PlannedTask } from "./plan.ts";
import type { ResultFiles, ResultStore, TaskPlace } from "./result-store.ts";

/** How a task stands. */
export interface TaskEvent {
  readonly type: "task";
  readonly task: string;
  readonly kind: string;
  readonly name: string;
  /**
   * "whole": its result was there; "damaged": it was there and is not what was written, so it is
   * made again; "begun", "done": it is being made, it has been made
   */
  readonly state: "whole" | "damaged" | "begun" | "done";
  /** what is damaged */
  readonly reason?: string;
}

/** What a task works with. */
export interface TaskWork extends TaskPlace {
  readonly task: PlannedTask;
  /** results of what it needs, by role, in the order of the task's ids */
  readonly needs: Readonly<Record<string, readonly ResultFiles[]>>;
  readonly signal: AbortSignal;
}

/**
 * Does a task: its files go to `result`, by themselves a function of the task and of what it needs.
 * What `work` holds from an earlier try may be gone on with.
 */
export type Perform<Event> = (work: TaskWork) => AsyncGenerator<Event, void>;

export interface ExecuteOptions<Event> {
  readonly results: ResultStore;
  readonly perform: Perform<Event>;
  /** tasks that are done at once; default 1 */
  readonly slots?: number;
  readonly signal?: AbortSignal;
}

/**
 * Makes the results that the plan wants. A need whose result is not read, because whoever needs it
 * is there, is neither made nor looked at.
 *
 * @throws the first failure of a task; the others are asked to stop and to save what they have
 */
export async function* execute<Event>(
  plan: Plan,
  { results, perform, slots = 1, signal: given }: ExecuteOptions<Event>,
): AsyncGenerator<TaskEvent | Event, void> {
  const waiting = new Map<string, PlannedTask>();
  yield* findMissing(plan, results, waiting);
  const failing = new AbortController();
  const { signal } = failing;
  const stop = (): void => failing.abort();
  if (given?.aborted) stop();
  given?.addEventListener("abort", stop);
  const running = new Map<string, RunningTask<Event>>();
  try {
    while (waiting.size + running.size > 0) {
      for (const task of readyTasks(waiting, running)) {
        if (running.size >= slots) break;
        waiting.delete(task.id);
        yield stateEvent(task, "begun");
        const events = perform(workOf(task, results, signal));
        running.set(task.id, { task, events, next: taggedNext(task.id, events) });
      }
      const { id, step } = await Promise.race(Array.from(running.values(), ({ next }) => next));
      const { task, events } = running.get(id)!; // one of them answered
      if (step.done !== true) {
        running.set(id, { task, events, next: taggedNext(id, events) });
        yield step.value;
        continue;
      }
      running.delete(id);
      await results.finish(task);
      yield stateEvent(task, "done");
    }
  } finally {
    given?.removeEventListener("abort", stop);
    failing.abort();
    await Promise.all(Array.from(running.values(), stopped));
  }
}

interface RunningTask<Event> {
  readonly task: PlannedTask;
  readonly events: AsyncGenerator<Event, void>;
  readonly next: Promise<{ readonly id: string; readonly step: IteratorResult<Event, void> }>;
}

async function taggedNext<Event>(id: string, events: AsyncGenerator<Event, void>) {
  return { id, step: await events.next() };
}

/** The failure that ended the plan is the one to tell. */
async function stopped<Event>({ events, next }: RunningTask<Event>): Promise<void> {
  await next.catch(() => undefined);
  await events.return().catch(() => undefined);
}

function workOf(task: PlannedTask, results: ResultStore, signal: AbortSignal): TaskWork {
  const needs = Object.entries(task.needs).map(([role, ids]) => [role, ids.map(results.open)]);
  return { task, needs: Object.fromEntries(needs), ...results.place(task.id), signal };
}

/** @returns those that wait for nothing, in the plan's order */
function readyTasks(
  waiting: ReadonlyMap<string, PlannedTask>,
  running: ReadonlyMap<string, unknown>,
): readonly PlannedTask[] {
  const isMade = (id: string): boolean => !waiting.has(id) && !running.has(id);
  return [...waiting.values()].filter(({ needs }) => Object.values(needs).flat().every(isMade));
}

/** Adds to `missing`, in the plan's order, what must be made. A damaged result is removed. */
async function* findMissing(
  { tasks, wanted }: Plan,
  results: ResultStore,
  missing: Map<string, PlannedTask>,
): AsyncGenerator<TaskEvent> {
  const asked = new Set(wanted);
  const found: PlannedTask[] = [];
  for (const task of [...tasks].reverse()) {
    if (!asked.has(task.id)) continue; // whoever needs a task comes after it: all have spoken
    const state = await results.check(task.id);
    if (state.state === "whole") {
      yield stateEvent(task, "whole");
      continue;
    }
    if (state.state === "damaged") {
      await results.remove(task.id);
      yield { ...stateEvent(task, "damaged"), reason: state.reason };
    }
    found.push(task);
    for (const id of Object.values(task.needs).flat()) asked.add(id);
  }
  for (const task of found.reverse()) missing.set(task.id, task);
}

function stateEvent({ id, kind, name }: PlannedTask, state: TaskEvent["state"]): TaskEvent {
  return { type: "task", task: id, kind, name, state };
}
