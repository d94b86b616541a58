/** @file Compilers and emulators on this machine, and what to install where they are missing. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Emulation } from "../../distill/boards/index-node.ts";

/** Program → the Debian and Ubuntu packages that bring it. */
const packages = {
  "arm-none-eabi-gcc": "gcc-arm-none-eabi libnewlib-arm-none-eabi",
  "qemu-system-arm": "qemu-system-arm",
  "riscv64-unknown-elf-gcc": "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
  "qemu-system-riscv32": "qemu-system-riscv",
  gcc: "gcc",
} as const;
export type ToolName = keyof typeof packages;

/** What builds and runs images of a family of cores; gcc compiles what counts instructions. */
const toolchains = {
  arm: { prefix: "arm-none-eabi-", compiler: "arm-none-eabi-gcc", emulator: "qemu-system-arm" },
  riscv: {
    prefix: "riscv64-unknown-elf-",
    compiler: "riscv64-unknown-elf-gcc",
    emulator: "qemu-system-riscv32",
  },
} as const;

export function toolchainOf({ family }: Emulation): (typeof toolchains)["arm" | "riscv"] {
  return toolchains[family];
}

/** @returns those of the tools for emulating a core, compiler first, that cannot be run here */
export function missingFor(emulation: Emulation): readonly ToolName[] {
  const { compiler, emulator } = toolchainOf(emulation);
  return missingTools([compiler, emulator, "gcc"]);
}

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
