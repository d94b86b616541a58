/** @file potstill export: a trained model as a file for another program or a microcontroller. */

import { type CommandSpec, type OptionValues, text } from "../command.ts";

export const exportCommand: CommandSpec = {
  name: "export",
  summary: "Write a trained model as ONNX, or in int8 as C, .tflite or ONNX",
  args: [{ name: "<model>", description: "a .safetensors model, or a run folder (its student)" }],
  options: [
    { flags: "--format <name>", description: "onnx (default), c, tflite or onnx-int8" },
    { flags: "--out <path>", description: "the file, or for int8 the new folder (needed)" },
    {
      flags: "--calibration <data>",
      description: "for int8 (needed): digits, a .csv, a recipe, or a source",
    },
    { flags: "--method <name>", description: "minMax (default), percentile or mse" },
    { flags: "--name <name>", description: "of the C functions and files (default: student)" },
    { flags: "--arduino", description: "C as an Arduino library" },
    { flags: "--per-channel-dense", description: "a scale per output of dense layers" },
    { flags: "--json", description: "print the result as JSON" },
  ],
  run: async ({ args, options, terminal }) => {
    const { exitCodeFrom } = await import("../start-run.ts");
    const { usageError } = await import("../usage-error.ts");
    const request = { terminal, json: options.json === true };
    return exitCodeFrom(request, async () => {
      const out = text(options, "out");
      if (out === undefined) throw usageError("export", "needs --out PATH", "none");
      const format = text(options, "format") ?? "onnx";
      const { integerFormats } = await import("../integer-targets.ts");
      const int8 = integerFormats.find((name) => name === format);
      const { exportModel, modelFile } = await import("../export-model.ts");
      if (int8 === undefined) return exportModel(args[0] ?? "", out, format, request);
      const calibration = text(options, "calibration");
      if (calibration === undefined)
        throw usageError(`export --format ${format}`, "needs --calibration DATA", "none");
      const { exportInteger } = await import("../export-integer.ts");
      const model = await modelFile(args[0] ?? "");
      return exportInteger({
        ...request,
        out,
        format: int8,
        calibration,
        model,
        ...extras(options),
      });
    });
  },
};

function extras(options: OptionValues) {
  return {
    method: text(options, "method") ?? "minMax",
    name: text(options, "name") ?? "student",
    arduino: options.arduino === true,
    perChannelDense: options.perChannelDense === true,
  };
}
