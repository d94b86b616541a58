/** @file potstill demo-mcu: from digits to a student that runs on an emulated Cortex-M4. */

import { type CommandSpec, overridesArgument, text } from "../command.ts";

export const demoMcu: CommandSpec = {
  name: "demo-mcu",
  summary: "Distil a digit student, export it as C, run it on an emulated Cortex-M4",
  details: [
    "Runs recipes/digits-mcu.yaml on the digits that come with the package. No network. Needs",
    "arm-none-eabi-gcc, gcc and qemu-system-arm; exit code 2 says how to install them.",
  ].join("\n"),
  args: [overridesArgument],
  options: [
    { flags: "--runs <folder>", description: "where run folders are made (default: runs)" },
  ],
  run: async ({ args, options, terminal, commandLine }) => {
    const { exitCodeFrom } = await import("../start-run.ts");
    const request = {
      terminal,
      json: false,
      commandLine: commandLine.join(" "),
      jsonReport: undefined,
    };
    return exitCodeFrom(request, async () => {
      const { runDemoMcu } = await import("../mcu/demo.ts");
      await runDemoMcu(args, text(options, "runs") ?? "runs", request);
    });
  },
};
