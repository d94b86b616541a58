/** @file potstill plan: what a recipe would do, without doing it. */

import { type CommandSpec, jsonOption, overridesArgument, text } from "../command.ts";

export const plan: CommandSpec = {
  name: "plan",
  summary: "Show what a recipe would do: what is done already, what is to do, about how long",
  details: [
    "Reads and checks everything that potstill distill would, and trains nothing. Results of earlier",
    "runs are found in the store.",
  ].join("\n"),
  args: [{ name: "<recipe>", description: "a recipe file" }, overridesArgument],
  options: [
    { flags: "--runs <folder>", description: "where run folders are made (default: runs)" },
    { flags: "--store <folder>", description: "where results are kept (default: RUNS/.store)" },
    jsonOption,
  ],
  run: async ({ args, options, terminal }) => {
    const { exitCodeFrom } = await import("../start-run.ts");
    const request = { terminal, json: options.json === true };
    return exitCodeFrom(request, async () => {
      const [recipe = "", ...overrides] = args;
      const { planRecipe } = await import("../plan-recipe.ts");
      const { planLines } = await import("../plan-text.ts");
      const { defaultStore } = await import("../store-folder.ts");
      const store = text(options, "store") ?? defaultStore(text(options, "runs") ?? "runs");
      const overview = await planRecipe(recipe, overrides, store);
      terminal.print(request.json ? JSON.stringify(overview) : planLines(overview).join("\n"));
    });
  },
};
