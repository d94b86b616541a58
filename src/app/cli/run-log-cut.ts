/**
 * @file After a crash: cuts events.jsonl and metrics.csv back to what is safe on disk, so that
 * every step stands once.
 *
 * Training goes on from each job's last checkpoint. Lines are written before the checkpoint that
 * follows them, so the log has every step up to the checkpoint, and perhaps more. Kept are: all
 * lines of finished jobs; of others, those of steps before the checkpoint; of a job without
 * checkpoint, none. A last line that was torn is dropped. Both files are replaced in one step
 * each, so that a crash while cutting does no harm.
 */

import type { Store } from "../../data/index.ts";
import type { DistillEvent, ResultStore } from "../../distill/index.ts";
import { eventsName, metricsHeader, metricsName } from "./run-log.ts";

/** How far a job is safe on disk. */
export interface Durable {
  /** steps; Infinity for a finished job */
  readonly steps: number;
  /** finished epochs; Infinity for a finished job */
  readonly epochs: number;
}

/** Durable state by job; jobs that have none are absent. */
export type DurableJobs = ReadonlyMap<string, Durable>;

const finished: Durable = { steps: Number.POSITIVE_INFINITY, epochs: Number.POSITIVE_INFINITY };

/** What of a log is safe. */
export interface DurableWork {
  readonly jobs: DurableJobs;
  /** ids of tasks whose results are whole */
  readonly tasks: ReadonlySet<string>;
  /** kinds of which a task was begun whose result is not */
  readonly unfinished: ReadonlySet<string>;
}

/** Looks up the tasks that a log tells of. */
async function readDurable(
  events: readonly DistillEvent[],
  results: ResultStore,
): Promise<DurableWork> {
  const jobs = new Map<string, Durable>();
  const tasks = new Set<string>();
  const unfinished = new Set<string>();
  for (const event of events)
    if (event.type === "task" && !tasks.has(event.task)) {
      if ((await results.check(event.task)).state === "whole") tasks.add(event.task);
      else unfinished.add(event.kind);
    }
  for (const event of events) {
    if (event.type !== "job-start" || event.task === undefined) continue;
    const safe = tasks.has(event.task) ? finished : await checkpointOf(event.task, results);
    if (safe !== undefined) jobs.set(event.job, safe);
  }
  return { jobs, tasks, unfinished };
}

async function checkpointOf(task: string, results: ResultStore): Promise<Durable | undefined> {
  const bytes = await results.place(task).work.read("checkpoint/checkpoint.json");
  if (bytes === undefined) return undefined;
  const { step, history } = JSON.parse(new TextDecoder().decode(bytes)) as {
    step: number;
    history: readonly unknown[];
  }; // written whole by saveCheckpoint, or not at all
  return { steps: step, epochs: history.length };
}

/** @returns the events that stay, and the file's new text */
export function cutEvents(
  text: string,
  durable: DurableWork,
): { readonly events: readonly DistillEvent[]; readonly text: string } {
  const kept = wholeLines(text).flatMap((line) => {
    const event = parseEvent(line);
    return event !== undefined && isDurable(event, durable) ? [{ line, event }] : [];
  });
  return {
    events: kept.map(({ event }) => event),
    text: kept.map(({ line }) => `${line}\n`).join(""),
  };
}

/** @returns metrics.csv's new text */
export function cutMetrics(text: string, jobs: DurableJobs): string {
  const [, ...rows] = wholeLines(text);
  const kept = rows.filter((row) => {
    const [job = "", step = ""] = row.split(",", 2);
    return Number(step) < (jobs.get(job)?.steps ?? 0);
  });
  const columns = metricsHeader.split(",").length;
  const filled = kept.map((row) => row + ",".repeat(Math.max(0, columns - row.split(",").length))); // of a program with fewer
  return [metricsHeader, ...filled].map((line) => `${line}\n`).join("");
}

/**
 * Cuts both files of a run folder.
 *
 * @param results where the run's tasks are. @returns the events that stay
 */
export async function cutLogs(
  store: Store,
  results: ResultStore,
): Promise<readonly DistillEvent[]> {
  const decode = async (name: string): Promise<string> =>
    new TextDecoder().decode((await store.read(name)) ?? new Uint8Array());
  const written = await decode(eventsName);
  const durable = await readDurable(
    wholeLines(written).flatMap((line) => parseEvent(line) ?? []),
    results,
  );
  const { events, text } = cutEvents(written, durable);
  const metrics = cutMetrics(await decode(metricsName), durable.jobs);
  await store.write(eventsName, new TextEncoder().encode(text));
  await store.write(metricsName, new TextEncoder().encode(metrics));
  return events;
}

/** Lines that end in a line break; what follows the last one was torn by a crash. */
function wholeLines(text: string): readonly string[] {
  return text.split("\n").slice(0, -1);
}

function parseEvent(line: string): DistillEvent | undefined {
  try {
    return JSON.parse(line) as DistillEvent; // a line that this program wrote
  } catch {
    return undefined;
  }
}

function isDurable(event: DistillEvent, { jobs, tasks, unfinished }: DurableWork): boolean {
  switch (event.type) {
    case "steps":
      return event.from < (jobs.get(event.job)?.steps ?? 0);
    case "epoch":
      return event.record.epoch <= (jobs.get(event.job)?.epochs ?? 0);
    case "checkpoint":
      return event.step <= (jobs.get(event.job)?.steps ?? -1);
    case "job-start":
      return jobs.has(event.job);
    case "job-end":
      return jobs.get(event.job) === finished;
    case "task":
      return tasks.has(event.task);
    case "generate":
      return !unfinished.has("samples");
    case "label":
      return !unfinished.has("labels");
    case "recognition":
      return !unfinished.has("recognition"); // else said again
    case "check":
    case "search-start":
    case "search-end":
      return true;
  }
}
