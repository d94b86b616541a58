/**
 * @file events.jsonl and metrics.csv of a run. A line is in the file before training goes on, so
 * that a checkpoint is never ahead of the log; see run-log-cut.ts for what happens after a crash.
 */

import { join } from "node:path";
import type { DistillEvent } from "../../distill/index.ts";
import { openAppending } from "./appending-file.ts";

export const eventsName = "events.jsonl";
export const metricsName = "metrics.csv";

/**
 * Columns of metrics.csv after job, step, epoch and learning rate; empty where a job has no such
 * metric.
 */
const metricColumns = [
  ...["loss", "hard", "soft", "gradientNorm"],
  ...["temperature", "softUnscaled", "features", "regularization"],
  ...["adversarial", "discriminator"],
] as const;

export const metricsHeader: string = [
  "job",
  "step",
  "epoch",
  "learningRate",
  ...metricColumns,
].join(",");

export interface RunLog {
  /** adds an event, unless it says what a line of the file says already */
  readonly add: (event: DistillEvent) => void;
  /** flushes to the disk: called before a checkpoint is written */
  readonly sync: () => void;
  readonly close: () => void;
}

/** @param known events of an earlier start that are in the file, from `cutLogs` */
export function openRunLog(folder: string, known: readonly DistillEvent[]): RunLog {
  const said = new Set(known.map(onceKey));
  const events = openAppending(join(folder, eventsName));
  const metrics = openAppending(join(folder, metricsName));
  if (metrics.isEmpty) metrics.write(`${metricsHeader}\n`);
  return {
    add: (event) => {
      const key = onceKey(event);
      if (key !== undefined && said.has(key)) return;
      said.add(key);
      if (event.type === "steps") metrics.write(metricRows(event));
      events.write(`${eventLine(event)}\n`);
      if (event.type === "epoch" || event.type === "job-end") {
        events.sync();
        metrics.sync(); // the job's result may be written next
      }
    },
    sync: () => {
      events.sync();
      metrics.sync();
    },
    close: () => {
      events.close();
      metrics.close();
    },
  };
}

/**
 * What the logs take of a run's events: all; or of an epoch's steps the last one, once the epoch
 * has ended, with the means of the epoch for its metrics.
 */
export function loggedEvents(
  everyStep = false,
): <E extends DistillEvent>(event: E) => readonly (E | StepsEvent)[] {
  if (everyStep) return (event) => [event];
  const last = new Map<string, StepsEvent>();
  return (event) => {
    if (event.type === "steps") {
      last.set(event.job, event);
      return [];
    }
    const steps = event.type === "epoch" ? last.get(event.job) : undefined;
    if (event.type !== "epoch" || steps === undefined) return [event];
    const count = steps.learningRates.length;
    const means = Object.entries(event.record.train).map(
      ([name, mean]) => [name, Float32Array.of(mean)] as const,
    );
    const one = {
      from: steps.from + count - 1,
      metrics: Object.fromEntries(means),
      learningRates: steps.learningRates.slice(count - 1),
    };
    return [{ ...steps, ...one }, event];
  };
}

/** What makes two events say the same thing; undefined for events that are never said again. */
function onceKey(event: DistillEvent): string | undefined {
  switch (event.type) {
    case "job-start":
    case "job-end":
      return `${event.type} ${event.job}`;
    case "check":
      return `check ${event.check.id}`;
    case "search-start":
    case "search-end":
      return event.type;
    case "task": // made once, and found whole after that
      return `task ${event.task} ${event.state === "whole" ? "done" : event.state}`;
    default:
      return undefined;
  }
}

/**
 * @returns the event as one line of JSON; float32 values with the digits that give them back
 * exactly
 */
export function eventLine(event: DistillEvent): string {
  return JSON.stringify(event, (_, value: unknown) =>
    value instanceof Float32Array ? Array.from(value, exactFloat32) : value,
  );
}

/** 9 significant digits identify a float32. */
function exactFloat32(value: number): number {
  return Number(value.toPrecision(9));
}

function metricRows({ job, from, epoch, learningRates, metrics }: StepsEvent): string {
  const count = metrics.loss?.length ?? 0;
  let rows = "";
  for (let i = 0; i < count; i++) {
    const cells = metricColumns.map((name) => {
      const value = metrics[name]?.[i];
      return value === undefined ? "" : exactFloat32(value);
    });
    rows += `${[job, from + i, epoch, exactFloat32(learningRates[i]!), ...cells].join(",")}\n`;
  }
  return rows;
}

type StepsEvent = Extract<DistillEvent, { type: "steps" }>;
