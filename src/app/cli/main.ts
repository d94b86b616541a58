#!/usr/bin/env node
/** @file potstill: the command line's entry point. Commands load what they need when they run. */

import { commands } from "./commands.ts";
import { ownVersion } from "./environment.ts";
import { runProgram } from "./program.ts";
import { processTerminal } from "./terminal.ts";

// Whoever reads the output may have seen enough: `potstill inspect FILE | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await runProgram(
  commands,
  ownVersion(),
  processTerminal(),
  process.argv.slice(2),
);
