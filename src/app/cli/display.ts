/**
 * @file Shows a run on stderr while it works: a bar on a terminal, one plain line an epoch
 * elsewhere.
 */

import type { DistillEvent } from "../../distill/index.ts";
import { epochLine, jobTitle, milestoneLine } from "./event-text.ts";
import { progressBar } from "./progress-bar.ts";
import type { Terminal } from "./terminal.ts";

export interface Display {
  readonly show: (event: DistillEvent) => void;
  /** leaves the terminal as it was: before anything else is said */
  readonly stop: () => void;
}

/**
 * A bar that is redrawn, or lines, by what stderr is.
 *
 * @param isBrief nothing stays above the bar; elsewhere a line for each teacher and each package
 */
export function makeDisplay(terminal: Terminal, isBrief = false): Display {
  if (terminal.isInteractive) return progressBar(terminal, isBrief);
  return isBrief ? fewLines(terminal) : plainLines(terminal);
}

function fewLines(terminal: Terminal): Display {
  return {
    show: (event) => {
      const isSaid = event.type === "job-end" ? event.job.startsWith("teacher") : isLabelled(event);
      const line = isSaid ? (milestoneLine(event) ?? epochLine(event, "", 0)) : undefined;
      if (line !== undefined) terminal.say(line);
    },
    stop: () => undefined,
  };
}

function isLabelled(event: DistillEvent): boolean {
  return event.type === "label" && event.done === event.total;
}

function plainLines(terminal: Terminal): Display {
  let title = "";
  let rate = 0;
  return {
    show: (event) => {
      if (event.type === "job-start") title = jobTitle(event);
      if (event.type === "steps") rate = event.samplesPerSecond;
      const line = epochLine(event, title, rate);
      if (line !== undefined) terminal.say(line);
    },
    stop: () => undefined,
  };
}
