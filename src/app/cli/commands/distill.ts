/**
 * @file potstill distill: a whole distillation run from a recipe, or the rest of an interrupted
 * one.
 */

import { type CommandSpec, jsonOption, overridesArgument, text } from "../command.ts";

export const distill: CommandSpec = {
  name: "distill",
  summary: "Run a recipe: teacher, soft labels, student, comparison, report, export",
  details: [
    "Everything is kept in a new folder runs/<recipe>-<n>. Ctrl-C saves and stops; the command that",
    "resumes is printed. Relative paths in the recipe start at the working directory.",
  ].join("\n"),
  args: [
    { name: "[recipe]", description: "a recipe file; ready ones are in recipes/" },
    overridesArgument,
  ],
  options: [
    { flags: "--resume <run>", description: "go on with an interrupted run, without a recipe" },
    { flags: "--runs <folder>", description: "where run folders are made (default: runs)" },
    { flags: "--store <folder>", description: "where results are kept (default: RUNS/.store)" },
    { flags: "--json-report <file>", description: "copy report.json there" },
    jsonOption,
  ],
  run: async ({ args, options, terminal, commandLine }) => {
    const { readRecipeWithPlaces } = await import("../recipe-file.ts");
    const { exitCodeFrom, presentRun, resumeRun, startRun } = await import("../start-run.ts");
    const { usageError } = await import("../usage-error.ts");
    const request = {
      terminal,
      json: options.json === true,
      commandLine: commandLine.join(" "),
      jsonReport: text(options, "jsonReport"),
      storePath: text(options, "store"),
    };
    const resumed = text(options, "resume");
    return exitCodeFrom(request, async () => {
      const [recipe, ...overrides] = args;
      if (resumed !== undefined) {
        if (recipe !== undefined)
          throw usageError("distill --resume", "takes the run's own recipe", recipe);
        await presentRun(await resumeRun(resumed, request), request);
        return;
      }
      if (recipe === undefined) throw usageError("distill", "needs a recipe", "none");
      const root = text(options, "runs") ?? "runs";
      const { recipe: read, placeOf } = await readRecipeWithPlaces(recipe, overrides);
      await presentRun(await startRun(read, root, { ...request, placeOf }), request);
    });
  },
};
