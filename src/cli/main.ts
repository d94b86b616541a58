#!/usr/bin/env node
/** @file potstill: the command line's entry point. Commands load what they need when they run. */

import { commands } from "./commands.ts";
import { ownVersion } from "./environment.ts";
import { runProgram } from "./program.ts";
import { processTerminal } from "./terminal.ts";

process.exitCode = await runProgram(
  commands,
  ownVersion(),
  processTerminal(),
  process.argv.slice(2),
);
