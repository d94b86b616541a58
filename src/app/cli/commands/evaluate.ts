/** @file potstill evaluate: how good a model is on data. */

import { type CommandSpec, text } from "../command.ts";

export const evaluate: CommandSpec = {
  name: "evaluate",
  summary: "Measure a model on data: accuracy, calibration, per-class scores",
  details: [
    "Data are named as a recipe's file (its test part is used), as digits, as a .csv file, or as a",
    'source in YAML: --data "{source: idx, images: a.idx, labels: b.idx}".',
  ].join("\n"),
  args: [
    { name: "<model>", description: "an .onnx file, or a .safetensors model of a run folder" },
  ],
  options: [
    { flags: "--data <data>", description: "what to measure on (needed)" },
    { flags: "--part <name>", description: "test, validation or train (default: test)" },
    { flags: "--output <name>", description: "the model's output, where it has several" },
    { flags: "--kind <kind>", description: "logits, probabilities or sigmoid" },
    { flags: "--layout <layout>", description: "nchw or nhwc" },
    { flags: "--json", description: "print the numbers as JSON" },
  ],
  run: async ({ args, options, terminal }) => {
    const { exitCodeFrom } = await import("../start-run.ts");
    const { usageError } = await import("../usage-error.ts");
    const request = { terminal, json: options.json === true };
    return exitCodeFrom(request, async () => {
      const data = text(options, "data");
      if (data === undefined) throw usageError("evaluate", "needs --data", "none");
      const { evaluateModel } = await import("../evaluate-model.ts");
      await evaluateModel({
        ...request,
        model: args[0] ?? "",
        data,
        part: text(options, "part"),
        output: text(options, "output"),
        kind: text(options, "kind"),
        layout: text(options, "layout"),
      });
    });
  },
};
