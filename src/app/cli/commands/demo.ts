/** @file potstill demo: the one-minute run on real digits. */

import { type CommandSpec, jsonOption, overridesArgument, text } from "../command.ts";

export const demo: CommandSpec = {
  name: "demo",
  summary: "Distil a small digit classifier from a large one, and show what it was good for",
  details: "Runs recipes/demo.yaml on the digits that come with the package. No network.",
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
      isBrief: true,
      commandLine: commandLine.join(" "),
      jsonReport: text(options, "jsonReport"),
    };
    return exitCodeFrom(request, async () => {
      const recipe = await readRecipe(readyRecipe("demo"), args);
      if (!request.json) terminal.print(recipe.description ?? recipe.name);
      const run = await startRun(recipe, text(options, "runs") ?? "runs", request);
      if (request.json) return presentRun(run, request);
      const { presentDemo } = await import("../present-demo.ts");
      return presentDemo(recipe, run, terminal);
    });
  },
};
