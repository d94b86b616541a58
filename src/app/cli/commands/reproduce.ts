/** @file potstill reproduce: run a report's recipe again and compare the numbers. */

import { type CommandSpec, jsonOption, text } from "../command.ts";

export const reproduce: CommandSpec = {
  name: "reproduce",
  summary: "Run the recipe stored in a report.json again and compare the numbers",
  details: [
    "With the same data, versions, threads and processor the numbers are the same; where they are",
    "not, what differs is named.",
  ].join("\n"),
  args: [{ name: "<report>", description: "report.json of a run" }],
  options: [
    { flags: "--runs <folder>", description: "where run folders are made (default: runs)" },
    jsonOption,
  ],
  run: async ({ args, options, terminal, commandLine }) => {
    const { exitCodeFrom } = await import("../start-run.ts");
    const { reproduceReport } = await import("../reproduce-report.ts");
    const request = {
      terminal,
      json: options.json === true,
      commandLine: commandLine.join(" "),
      jsonReport: undefined,
    };
    return exitCodeFrom(request, () =>
      reproduceReport(args[0] ?? "", text(options, "runs") ?? "runs", request),
    );
  },
};
