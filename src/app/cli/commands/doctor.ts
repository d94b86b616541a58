/** @file potstill doctor: is everything there that a run needs? */

import type { CommandSpec } from "../command.ts";

export const doctor: CommandSpec = {
  name: "doctor",
  summary: "Check this machine: node, runtimes, worker, threads, images, disk",
  args: [],
  options: [
    { flags: "--runs <folder>", description: "where run folders would be made (default: runs)" },
    { flags: "--json", description: "print the checks as JSON" },
  ],
  run: async ({ options, terminal }) => {
    const { examine } = await import("../examine.ts");
    const runs = typeof options.runs === "string" ? options.runs : "runs";
    const findings = await examine(runs);
    if (options.json === true) terminal.print(JSON.stringify(findings));
    else
      for (const { name, state, detail } of findings)
        terminal.print(`${state.padEnd(7)} ${name.padEnd(18)} ${detail}`);
    return findings.some(({ state }) => state === "failed") ? 1 : 0;
  },
};
