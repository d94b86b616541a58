/** @file potstill train: a student from a soft-label package, away from the teacher. */

import { type CommandSpec, jsonOption, overridesArgument, text } from "../command.ts";

export const train: CommandSpec = {
  name: "train",
  summary: "Train a student from a soft-label package; the teacher is not needed",
  details: [
    "The recipe names student and training; its teacher is the package. A package made with",
    "--with-inputs brings its samples, so that data are not needed either; otherwise the recipe's",
    "data are read. The student is the one that potstill distill trains with the same seed. Beside it",
    "are the logs of a run folder: events.jsonl, metrics.csv, tensorboard/.",
    "Of an ensemble's package, teacher.combine=geometric and teacher.weights=[2,1] (or =validation)",
    "combine the members otherwise than when they were labelled.",
  ].join("\n"),
  args: [
    { name: "<package>", description: "folder that potstill label wrote" },
    { name: "<recipe>", description: "a recipe file" },
    overridesArgument,
  ],
  options: [
    { flags: "--out <folder>", description: "where the student is written (needed)" },
    { flags: "--seed <number>", description: "default: the first of the recipe's seeds" },
    jsonOption,
  ],
  run: async ({ args, options, terminal }) => {
    const { exitCodeFrom } = await import("../start-run.ts");
    const { usageError } = await import("../usage-error.ts");
    const request = { terminal, json: options.json === true };
    return exitCodeFrom(request, async () => {
      const [packageFolder = "", recipe = "", ...overrides] = args;
      const out = text(options, "out");
      if (out === undefined) throw usageError("train", "needs --out FOLDER", "none");
      const seed = text(options, "seed");
      const { trainFromPackage } = await import("../train-from-package.ts");
      await trainFromPackage(packageFolder, recipe, out, {
        ...request,
        overrides: [...overrides, ...(seed === undefined ? [] : [`seeds=[${seed}]`])],
      });
    });
  },
};
