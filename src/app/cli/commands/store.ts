/** @file potstill store: the results that runs share. */

import { type CommandSpec, jsonOption, text } from "../command.ts";

export const store: CommandSpec = {
  name: "store",
  summary: "List, check or prune the results that runs share",
  details: [
    "list: what is there, by kind. check: reads every file and compares its checksum; exit code 1 if",
    "one is damaged (the next run makes it again). prune: removes what no run folder below RUNS needs,",
    "and what was left unfinished there.",
  ].join("\n"),
  args: [{ name: "<action>", description: "list, check or prune" }],
  options: [
    { flags: "--runs <folder>", description: "where run folders are (default: runs)" },
    { flags: "--store <folder>", description: "where results are kept (default: RUNS/.store)" },
    { flags: "--dry-run", description: "prune: say what would go, and remove nothing" },
    jsonOption,
  ],
  run: async ({ args, options, terminal }) => {
    const { exitCodeFrom } = await import("../start-run.ts");
    const request = { terminal, json: options.json === true };
    return exitCodeFrom(request, async () => {
      const { defaultStore } = await import("../store-folder.ts");
      const { storeAction } = await import("../store-actions.ts");
      const runs = text(options, "runs") ?? "runs";
      const path = text(options, "store") ?? defaultStore(runs);
      const found = await storeAction(args[0] ?? "", path, {
        runs,
        isDryRun: options.dryRun === true,
      });
      terminal.print(request.json ? JSON.stringify(found) : found.lines.join("\n"));
      if (found.failure !== null) throw found.failure;
    });
  },
};
