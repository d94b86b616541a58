/** @file What a command may write to: stdout for results, stderr for talk. */

import pc from "picocolors";

export interface Terminal {
  /** a result, on stdout */
  readonly print: (text: string) => void;
  /** talk, on stderr */
  readonly say: (text: string) => void;
  /** stderr is a terminal that can redraw lines */
  readonly isInteractive: boolean;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
}

/** Colours follow NO_COLOR, FORCE_COLOR and whether stderr is a terminal. */
export function processTerminal(): Terminal {
  const isInteractive = process.stderr.isTTY === true;
  const wanted = process.env.FORCE_COLOR !== undefined || isInteractive;
  const { bold, dim, red } = pc.createColors(wanted && !process.env.NO_COLOR);
  return {
    print: (text) => void process.stdout.write(`${text}\n`),
    say: (text) => void process.stderr.write(`${text}\n`),
    isInteractive,
    bold,
    dim,
    red,
  };
}
