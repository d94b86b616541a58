/** @file potstill export: a trained model as a file for another program or a microcontroller. */

import { type CommandSpec, text } from "../command.ts";

export const exportCommand: CommandSpec = {
  name: "export",
  summary: "Write a trained model as ONNX, or in int8 as C, .tflite or ONNX",
  args: [
    {
      name: "[model]",
      description: "a .safetensors model, a run folder (its student), or for int8 a float .onnx",
    },
  ],
  options: [
    { flags: "--format <name>", description: "onnx (default), onnx-fp16, c, tflite or onnx-int8" },
    { flags: "--out <path>", description: "the file, or for int8 the new folder (needed)" },
    {
      flags: "--calibration <data>",
      description: "for int8 (needed), fp16: digits, a .csv, a recipe, or a source",
    },
    { flags: "--method <name>", description: "minMax (default), percentile or mse" },
    { flags: "--name <name>", description: "of the C functions and files (default: student)" },
    { flags: "--arduino", description: "C as an Arduino library" },
    { flags: "--per-channel-dense", description: "a scale per output of dense layers" },
    {
      flags: "--board <name>",
      description: "C for this board: exit 1 if it does not fit; list shows all",
    },
    { flags: "--reserve-flash <size>", description: "of the board, for your own firmware: 64K" },
    { flags: "--reserve-ram <size>", description: "of the board, for your own firmware: 8K" },
    { flags: "--offer-epochs <n>", description: "train the student offered instead (default: 5)" },
    { flags: "--json", description: "print the result as JSON" },
  ],
  run: async ({ args, options, terminal }) => {
    const { exitCodeFrom } = await import("../start-run.ts");
    const { usageError } = await import("../usage-error.ts");
    const request = { terminal, json: options.json === true };
    return exitCodeFrom(request, async () => {
      if (text(options, "board") === "list") {
        const { boardList } = await import("../../../distill/boards/index-node.ts");
        return terminal.print(boardList());
      }
      const [path] = args;
      if (path === undefined) throw usageError("export", "needs a model", "none");
      const out = text(options, "out");
      if (out === undefined) throw usageError("export", "needs --out PATH", "none");
      const { exportOptions, integerFormatOf } = await import("../export-options.ts");
      const { format: name, ...asked } = exportOptions(options);
      const { exportModel, modelFile } = await import("../export-model.ts");
      const format = integerFormatOf(name);
      const calibration = text(options, "calibration");
      if (format === undefined) {
        const half = name === "onnx-fp16";
        return exportModel(path, out, { ...request, half, compared: calibration });
      }
      if (calibration === undefined)
        throw usageError(`export --format ${format}`, "needs --calibration DATA", "none");
      const { exportInteger } = await import("../export-integer.ts");
      const model = await modelFile(path);
      return exportInteger({ ...request, ...asked, out, format, calibration, model });
    });
  },
};
