/** @file potstill label: only the soft-label package. */

import { type CommandSpec, jsonOption, overridesArgument, text } from "../command.ts";

export const label: CommandSpec = {
  name: "label",
  summary: "Run the teacher once and write its soft labels as a package",
  details: [
    "Labels all samples of the recipe that are not test samples, or those that transfer.generated",
    "makes. The package can train students anywhere, without the teacher: see potstill train.",
    "Interrupted labelling goes on when the same command is given again.",
  ].join("\n"),
  args: [{ name: "<recipe>", description: "a recipe file" }, overridesArgument],
  options: [
    { flags: "--out <folder>", description: "where the package is written (needed)" },
    { flags: "--views <count>", description: "augmented views of each sample (labels.views)" },
    { flags: "--precision <name>", description: "float16, float32 or int8 (labels.precision)" },
    { flags: "--with-inputs", description: "put the samples in too (labels.withInputs)" },
    jsonOption,
  ],
  run: async ({ args, options, terminal, commandLine }) => {
    const { exitCodeFrom } = await import("../start-run.ts");
    const { usageError } = await import("../usage-error.ts");
    const request = { terminal, json: options.json === true, commandLine: commandLine.join(" ") };
    return exitCodeFrom(request, async () => {
      const [recipe = "", ...overrides] = args;
      const out = text(options, "out");
      if (out === undefined) throw usageError("label", "needs --out FOLDER", "none");
      const views = text(options, "views");
      const precision = text(options, "precision");
      const { labelRecipe } = await import("../label-recipe.ts");
      await labelRecipe(recipe, out, {
        ...request,
        overrides: [
          ...overrides,
          ...(views === undefined ? [] : [`labels.views=${views}`]),
          ...(precision === undefined ? [] : [`labels.precision=${precision}`]),
          ...(options.withInputs === true ? ["labels.withInputs=true"] : []),
        ],
      });
    });
  },
};
