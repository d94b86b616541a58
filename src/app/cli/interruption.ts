/** @file Ctrl-C: once to stop after the running call and save, twice to stop at once. */

import type { Terminal } from "./terminal.ts";

export interface Interruption {
  readonly signal: AbortSignal;
  /** gives the signals back to the process */
  readonly release: () => void;
}

const signals = ["SIGINT", "SIGTERM"] as const;

/** @param onFirst called before the message, to take a progress bar away */
export function listenForInterruption(terminal: Terminal, onFirst: () => void): Interruption {
  const controller = new AbortController();
  const listener = (): void => {
    if (controller.signal.aborted) process.exit(130);
    onFirst();
    terminal.say("Stopping after this step and saving. Once more stops at once.");
    controller.abort();
  };
  for (const name of signals) process.on(name, listener);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of signals) process.off(name, listener);
    },
  };
}
