/** @file potstill export: a trained model as a file for another program. */

import { type CommandSpec, text } from "../command.ts";

export const exportCommand: CommandSpec = {
  name: "export",
  summary: "Write a trained model as an .onnx file",
  args: [{ name: "<model>", description: "a .safetensors model, or a run folder (its student)" }],
  options: [
    { flags: "--format <name>", description: "onnx (default: onnx)" },
    { flags: "--out <file>", description: "where it is written (needed)" },
    { flags: "--json", description: "print the result as JSON" },
  ],
  run: async ({ args, options, terminal }) => {
    const { exitCodeFrom } = await import("../start-run.ts");
    const { usageError } = await import("../usage-error.ts");
    const request = { terminal, json: options.json === true };
    return exitCodeFrom(request, async () => {
      const out = text(options, "out");
      if (out === undefined) throw usageError("export", "needs --out FILE", "none");
      const { exportModel } = await import("../export-model.ts");
      await exportModel(args[0] ?? "", out, text(options, "format") ?? "onnx", request);
    });
  },
};
