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
import type { DistillEvent } from "../../distill/index.ts";
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

/**
 * Reads what the run folder's jobs have left: result.json of finished ones, checkpoint.json of
 * others.
 */
export async function readDurableJobs(store: Store): Promise<DurableJobs> {
  const jobs = new Map<string, Durable>();
  const names = await store.list("jobs/");
  for (const name of names) {
    const job = /^jobs\/(.+)\/checkpoint\/checkpoint\.json$/.exec(name)?.[1];
    const bytes = job === undefined ? undefined : await store.read(name);
    if (job === undefined || bytes === undefined) continue;
    const { step, history } = JSON.parse(new TextDecoder().decode(bytes)) as {
      step: number;
      history: readonly unknown[];
    }; // written whole by saveCheckpoint, or not at all
    jobs.set(job, { steps: step, epochs: history.length });
  }
  for (const name of names) {
    const job = /^jobs\/(.+)\/result\.json$/.exec(name)?.[1];
    if (job !== undefined) jobs.set(job, finished);
  }
  return jobs;
}

/** @returns the events that stay, and the file's new text */
export function cutEvents(
  text: string,
  jobs: DurableJobs,
  isLabelled: boolean,
): { readonly events: readonly DistillEvent[]; readonly text: string } {
  const kept = wholeLines(text).flatMap((line) => {
    const event = parseEvent(line);
    return event !== undefined && isDurable(event, jobs, isLabelled) ? [{ line, event }] : [];
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

/** Cuts both files of a run folder. @returns the events that stay */
export async function cutLogs(store: Store): Promise<readonly DistillEvent[]> {
  const jobs = await readDurableJobs(store);
  const isLabelled = (await store.read("soft-labels/manifest.json")) !== undefined;
  const decode = async (name: string): Promise<string> =>
    new TextDecoder().decode((await store.read(name)) ?? new Uint8Array());
  const { events, text } = cutEvents(await decode(eventsName), jobs, isLabelled);
  const metrics = cutMetrics(await decode(metricsName), jobs);
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

function isDurable(event: DistillEvent, jobs: DurableJobs, isLabelled: boolean): boolean {
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
    case "generate":
    case "label":
      return isLabelled;
    case "check":
    case "search-start":
    case "search-end":
      return true;
    case "recognition":
      return false; // said again
  }
}
