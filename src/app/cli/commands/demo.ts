/** @file potstill demo: the two-minute run on real digits. */

import { type CommandSpec, jsonOption, overridesArgument, text } from "../command.ts";

export const demo: CommandSpec = {
  name: "demo",
  summary: "Train a teacher on handwritten digits, distil a student, print the report card",
  details: "Runs recipes/digits-quick.yaml on the digits that come with the package. No network.",
  args: [overridesArgument],
  options: [
    { flags: "--runs <folder>", description: "where run folders are made (default: runs)" },
    { flags: "--json-report <file>", description: "copy report.json there" },
    jsonOption,
  ],
  run: async ({ args, options, terminal, commandLine }) => {
    const { readRecipe, readyRecipe } = await import("../recipe-file.ts");
    const { exitCodeFrom, presentRun, startRun } = await import("../start-run.ts");
    const request = {
      terminal,
      json: options.json === true,
      commandLine: commandLine.join(" "),
      jsonReport: text(options, "jsonReport"),
    };
    return exitCodeFrom(request, async () => {
      const recipe = await readRecipe(readyRecipe("digits-quick"), args);
      await presentRun(await startRun(recipe, text(options, "runs") ?? "runs", request), request);
    });
  },
};
