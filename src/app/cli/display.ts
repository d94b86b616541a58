/**
 * @file Shows a run on stderr while it works: a bar on a terminal, one plain line an epoch
 * elsewhere.
 */

import type { DistillEvent } from "../../distill/index.ts";
import { epochLine, jobTitle } from "./event-text.ts";
import { progressBar } from "./progress-bar.ts";
import type { Terminal } from "./terminal.ts";

export interface Display {
  readonly show: (event: DistillEvent) => void;
  /** leaves the terminal as it was: before anything else is said */
  readonly stop: () => void;
}

/** A bar that is redrawn, or lines, by what stderr is. */
export function makeDisplay(terminal: Terminal): Display {
  return terminal.isInteractive ? progressBar(terminal) : plainLines(terminal);
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
