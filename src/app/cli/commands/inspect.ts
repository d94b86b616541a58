/** @file potstill inspect: what a file or folder is. */

import type { CommandSpec } from "../command.ts";

export const inspect: CommandSpec = {
  name: "inspect",
  summary: "Say what a file or folder is and what it holds",
  details: [
    "Knows ONNX models, safetensors, soft-label packages, run folders, reports, recipes, npy, npz,",
    "IDX (plain or .gz) and csv.",
  ].join("\n"),
  args: [{ name: "<path>", description: "a file or folder" }],
  options: [],
  run: async ({ args, terminal }) => {
    const { exitCodeFrom } = await import("../start-run.ts");
    return exitCodeFrom({ terminal, json: false }, async () => {
      const { inspectPath } = await import("../inspect-path.ts");
      terminal.print((await inspectPath(args[0] ?? "")).join("\n"));
    });
  },
};
