/**
 * @file Executes a plan: only what is wanted and not there, each task after those that it needs.
 * Neither the order, nor the number at once, nor an interruption is seen by a task.
 */

import type { Store } from "../../data/index.ts";
import type { Plan, PlannedTask } from "./plan.ts";
import type { Found, ResultStore, TaskPlace } from "./result-store.ts";

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
  readonly needs: Readonly<Record<string, readonly Store[]>>;
  readonly signal: AbortSignal;
}

/** Whose needs are read, and the ids of these. */
export interface NeedsOf extends Pick<TaskWork, "needs"> {
  readonly task: Pick<PlannedTask, "needs">;
}

/**
 * Does a task: its files go to `result`, by themselves a function of the task and of what it needs.
 * What `work` holds from an earlier try may be gone on with. When the signal says to stop, it saves
 * what it has there and throws: a task that returns is done.
 */
export type Perform<Event> = (work: TaskWork) => AsyncGenerator<Event, void>;

/** @returns how the task is given back */
export type Claim = (task: PlannedTask, signal: AbortSignal) => Promise<() => Promise<void>>;

export interface ExecuteOptions<Event> {
  readonly results: ResultStore;
  readonly perform: Perform<Event>;
  /** tasks that are done at once; default 1 */
  readonly slots?: number;
  /**
   * waits until no other process does the task, and takes it for this one; it is given back when
   * the task is done or has failed. Default: nobody else works with these results
   */
  readonly claim?: Claim;
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
  options: ExecuteOptions<Event>,
): AsyncGenerator<TaskEvent | Event, void> {
  const { results, slots = 1, signal: given } = options;
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
        const events = claimed(task, options, signal);
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
    }
  } finally {
    given?.removeEventListener("abort", stop);
    failing.abort();
    await Promise.all(Array.from(running.values(), stopped));
  }
}

interface RunningTask<Event> {
  readonly task: PlannedTask;
  readonly events: AsyncGenerator<TaskEvent | Event, void>;
  readonly next: Promise<{
    readonly id: string;
    readonly step: IteratorResult<TaskEvent | Event, void>;
  }>;
}

/** Does a task, unless another process has done it while this one waited. */
async function* claimed<Event>(
  task: PlannedTask,
  { results, perform, claim }: ExecuteOptions<Event>,
  signal: AbortSignal,
): AsyncGenerator<TaskEvent | Event, void> {
  const release = await claim?.(task, signal);
  try {
    if (release !== undefined && (await results.check(task.id)).state === "whole") {
      yield stateEvent(task, "whole");
      return;
    }
    yield stateEvent(task, "begun");
    yield* perform(workOf(task, results, signal));
    await results.finish(task);
    yield stateEvent(task, "done");
  } finally {
    await release?.();
  }
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

/** How a plan's task stands: "unneeded" if nobody whose result is missing reads it. */
export type TaskState = Found["state"] | "unneeded";

/**
 * Looks at what is wanted, and at what is needed for that.
 *
 * @returns of each task, in the order of the plan, how it stands
 */
export async function planStates(
  { tasks, wanted }: Plan,
  results: Pick<ResultStore, "check">,
): Promise<ReadonlyMap<PlannedTask, Found | { readonly state: "unneeded" }>> {
  const asked = new Set(wanted);
  const states: [PlannedTask, Found | { readonly state: "unneeded" }][] = [];
  for (const task of [...tasks].reverse()) {
    const isAsked = asked.has(task.id); // whoever needs a task comes after it: all have spoken
    const found = isAsked ? await results.check(task.id) : ({ state: "unneeded" } as const);
    states.push([task, found]);
    if (!isAsked || found.state === "whole") continue;
    for (const id of Object.values(task.needs).flat()) asked.add(id);
  }
  return new Map(states.reverse());
}

/** Adds to `missing`, in the plan's order, what must be made. A damaged result is removed. */
async function* findMissing(
  plan: Plan,
  results: ResultStore,
  missing: Map<string, PlannedTask>,
): AsyncGenerator<TaskEvent> {
  for (const [task, found] of await planStates(plan, results)) {
    if (found.state === "whole") yield stateEvent(task, "whole");
    if (found.state === "damaged") {
      await results.remove(task.id);
      yield { ...stateEvent(task, "damaged"), reason: found.reason };
    }
    if (found.state === "absent" || found.state === "damaged") missing.set(task.id, task);
  }
}

function stateEvent({ id, kind, name }: PlannedTask, state: TaskEvent["state"]): TaskEvent {
  return { type: "task", task: id, kind, name, state };
}
