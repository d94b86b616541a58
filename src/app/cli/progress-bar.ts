/**
 * @file The bar on a terminal: job, epoch, step, rate, time left, every loss term. Adapter of
 * cli-progress.
 */

import { SingleBar } from "cli-progress";
import type { DistillEvent } from "../../distill/index.ts";
import type { Display } from "./display.ts";
import { jobTitle, milestoneLine, showDuration, showRate, showTerms } from "./event-text.ts";
import type { Terminal } from "./terminal.ts";

type StepsEvent = Extract<DistillEvent, { type: "steps" }>;

const format = "{title} {bar} epoch {epoch} step {value}/{total} {rate} eta {left} {terms}";

/** One bar for one job after another; above it a line stays for each finished job, or none. */
export function progressBar(terminal: Terminal, isAlone = false): Display {
  const bar = new SingleBar({
    format,
    barsize: 20,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    emptyOnZero: true,
    linewrap: false,
    gracefulExit: false,
    stream: process.stderr,
  });
  let title = "";
  let isRunning = false;
  let timer = stepTimer();
  const stop = (): void => {
    if (isRunning) bar.stop();
    isRunning = false;
  };
  const draw = (total: number, value: number, payload: object): void => {
    if (isRunning) {
      bar.setTotal(total);
      bar.update(value, payload);
    } else bar.start(total, value, payload);
    isRunning = true;
  };
  const show = (event: DistillEvent): void => {
    const line = isAlone ? undefined : milestoneLine(event);
    if (line !== undefined) {
      stop();
      terminal.say(terminal.dim(line));
    }
    if (event.type === "job-start") {
      title = jobTitle(event);
      timer = stepTimer();
    }
    if (event.type === "label" || event.type === "generate")
      draw(event.total, event.done, {
        ...blank,
        title: event.type === "label" ? "soft labels" : "generated samples",
        rate: showRate(event.samplesPerSecond),
      });
    if (event.type === "steps") {
      const perStep = timer(lastStep(event) - event.from);
      draw(event.totalSteps, lastStep(event), stepPayload(event, title, perStep));
    }
  };
  return { show, stop };
}

const blank = { title: "", epoch: "-", rate: "", left: "?", terms: "" };

function lastStep({ from, metrics }: StepsEvent): number {
  return from + (metrics.loss?.length ?? 0);
}

function stepPayload(event: StepsEvent, title: string, secondsPerStep: number): typeof blank {
  const means = Object.fromEntries(
    Object.entries(event.metrics).map(([name, values]) => [
      name,
      values.reduce((sum, value) => sum + value, 0) / values.length,
    ]),
  );
  return {
    title,
    epoch: `${event.epoch}/${event.epochs}`,
    rate: showRate(event.samplesPerSecond),
    left: showDuration((event.totalSteps - lastStep(event)) * secondsPerStep),
    terms: showTerms(means),
  };
}

/**
 * Follows the time of a step, everything between two calls included. @returns seconds a step, NaN
 * at first
 */
function stepTimer(): (steps: number) => number {
  let last = performance.now();
  let mean = Number.NaN;
  return (steps) => {
    const now = performance.now();
    const seconds = (now - last) / 1000 / steps;
    last = now;
    mean = Number.isNaN(mean) ? seconds : 0.7 * mean + 0.3 * seconds;
    return mean;
  };
}
