/** @file Compilers and emulators on this machine, and what to install where they are missing. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Program → the Debian and Ubuntu packages that bring it. */
const packages = {
  "arm-none-eabi-gcc": "gcc-arm-none-eabi libnewlib-arm-none-eabi",
  "qemu-system-arm": "qemu-system-arm",
  gcc: "gcc",
} as const;
export type ToolName = keyof typeof packages;

/** @returns those of the programs that cannot be run here */
export function missingTools(names: readonly ToolName[]): readonly ToolName[] {
  return names.filter((name) => !hasProgram(name));
}

/** @returns the command that installs programs on Debian and Ubuntu */
export function installCommand(names: readonly ToolName[]): string {
  return `apt-get install -y ${names.map((name) => packages[name]).join(" ")}`;
}

function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export type Run = (program: string, ...args: readonly string[]) => string;

/** Runs `work` in a new folder, which is gone afterwards; `run` gives a program's stdout. */
export function inScratchFolder<T>(work: (folder: string, run: Run) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "potstill-mcu-"));
  try {
    return work(folder, (program, ...args) =>
      execFileSync(program, args, { cwd: folder, encoding: "utf8", stdio: "pipe" }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
