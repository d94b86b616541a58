/** @file potstill sweep: a grid of settings, compared on the validation split. */

import { type CommandSpec, jsonOption, text } from "../command.ts";

export const sweep: CommandSpec = {
  name: "sweep",
  summary: "Train every combination of settings and compare them on the validation split",
  details: [
    "An axis is name=value,value. Names are paths of the recipe (training.epochs) or short:",
    "T (temperature), alpha, softWeight, hardWeight, loss, lr (learningRate), epochs, batchSize, views,",
    "fraction, combine, weights, student.width.",
    "Points of the same teacher share its soft labels. The test split is not looked at, unless",
    "--test asks for the winner, once. Stopped at any time, it goes on with --resume.",
  ].join("\n"),
  args: [
    { name: "[recipe]", description: "a recipe file; ready ones are in recipes/" },
    { name: "[axes...]", description: "T=1,2,4,8 student.width=30,300,800" },
  ],
  options: [
    {
      flags: "--seeds <number>",
      description: "of each point, from 1 (default: the recipe's, or 3)",
    },
    { flags: "--scratch", description: "train each student without a teacher too, for comparison" },
    {
      flags: "--halving",
      description: "successive halving: few epochs for all, more for the better",
    },
    { flags: "--test", description: "measure the winner on the test split, once" },
    { flags: "--jobs <number>", description: "trainings at once (default: cores / threads)" },
    { flags: "--resume <sweep>", description: "go on with a stopped sweep, without a recipe" },
    { flags: "--runs <folder>", description: "where run folders are made (default: runs)" },
    jsonOption,
  ],
  run: async ({ args, options, terminal, commandLine }) => {
    const { exitCodeFrom } = await import("../start-run.ts");
    const { resumeSweep, startSweep } = await import("../sweep/start-sweep.ts");
    const { wholeOption } = await import("../sweep/whole-option.ts");
    const { usageError } = await import("../usage-error.ts");
    const json = options.json === true;
    return exitCodeFrom({ terminal, json }, async () => {
      const words = { terminal, json, jobs: wholeOption(options, "jobs") };
      const [recipe, ...axes] = args;
      const resumed = text(options, "resume");
      if (resumed !== undefined) {
        if (recipe !== undefined)
          throw usageError("sweep --resume", "takes the sweep's own recipe and axes", recipe);
        return resumeSweep(resumed, words);
      }
      if (recipe === undefined) throw usageError("sweep", "needs a recipe", "none");
      if (axes.length === 0) throw usageError("sweep", "needs an axis, such as T=1,2,4", "none");
      const seeds = wholeOption(options, "seeds");
      const asked = {
        recipe,
        axes,
        runs: text(options, "runs") ?? "runs",
        seeds: seeds === undefined ? null : Array.from({ length: seeds }, (_, at) => at + 1),
        scratch: options.scratch === true,
        halving: options.halving === true,
        test: options.test === true,
        commandLine: commandLine.join(" "),
      };
      return startSweep(asked, words);
    });
  },
};
