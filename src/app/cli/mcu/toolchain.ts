/**
 * @file Compilers and emulators on this machine, what to install where they are missing, and the
 * errors of those that are there and cannot do their work.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Emulation } from "../../../distill/boards/index-node.ts";
import { BackendError, ExportError } from "../../../errors/index.ts";

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

const versionLimitMs = 60_000;

/** @returns whether a program can be run, by asking for its version */
export function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore", timeout: versionLimitMs });
    return true;
  } catch {
    return false;
  }
}

/** What a program of the machine's own, or its folder for files of the moment, could not do. */
export interface ToolFailure {
  readonly program: string;
  /** the first line of what it said that names an error, else the first, else how it ended */
  readonly said: string;
}

/** @returns what failed, if the error is of a tool: from `inScratchFolder` */
export function toolFailureOf(error: unknown): ToolFailure | undefined {
  return error instanceof BackendError && error.code === "backend/toolchain"
    ? (error.details as unknown as ToolFailure) // toolError has put it there
    : undefined;
}

/** @param cause what execFileSync or a call for a file threw, or words */
export function toolError(program: string, cause: unknown): BackendError {
  const failure: ToolFailure = { program, said: saidBy(cause) };
  return new BackendError("backend/toolchain", {
    where: program,
    rule: "a tool that is installed must be able to do its work",
    got: failure.said,
    fix: isTool(program)
      ? `Install all of its packages, on Debian or Ubuntu: ${installCommand([program])}`
      : "Install it anew, and see that there is room for files in the folder that TMPDIR names",
    details: { ...failure },
    cause,
  });
}

export function isTool(program: string): program is ToolName {
  return program in packages;
}

const longestLine = 200;

function saidBy(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { stderr, status, code } = cause as Partial<Record<"stderr" | "status" | "code", unknown>>; // execFileSync's
  if (code === "ETIMEDOUT") return "no answer; it was ended";
  const lines = String(stderr ?? "").split("\n");
  const spoken = lines.map((line) => line.trim()).filter((line) => line !== "");
  const line = spoken.find((text) => /\berror\b/i.test(text)) ?? spoken[0];
  if (line !== undefined) return line.slice(0, longestLine);
  return typeof status === "number" ? `exit code ${status}` : cause.message;
}

/** Minutes for the largest networks on an emulated core; one that hangs must end. */
const toolLimitMs = 20 * 60_000;

export type Run = (program: string, ...args: readonly string[]) => string;

/**
 * Runs `work` in a new folder, which is gone afterwards; `run` gives a program's stdout.
 *
 * @param limitMs after which a program is killed
 * @throws BackendError "backend/toolchain" if a program, or a call for a file, fails
 */
export function inScratchFolder<T>(
  work: (folder: string, run: Run) => T,
  limitMs: number = toolLimitMs,
): T {
  let folder: string | undefined;
  try {
    const cwd = mkdtempSync(join(tmpdir(), "potstill-mcu-"));
    folder = cwd;
    return work(cwd, (program, ...args) => {
      try {
        return execFileSync(program, args, {
          ...{ cwd, encoding: "utf8", stdio: "pipe" },
          ...{ timeout: limitMs, killSignal: "SIGKILL" },
        });
      } catch (error) {
        throw toolError(program, error);
      }
    });
  } catch (error) {
    throw error instanceof Error && "syscall" in error ? toolError(tmpdir(), error) : error;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Tells a fault of exported C from one of the tools: where `work` fails with a tool, `probe` asks
 * the same of it for a program of a few lines.
 *
 * @throws BackendError "backend/toolchain" if the probe fails too; ExportError "export/compile" if
 *   it does not
 */
export function judged<T>(work: () => T, probe: () => unknown): T {
  try {
    return work();
  } catch (error) {
    const failure = toolFailureOf(error);
    if (failure === undefined) throw error;
    probe();
    throw new ExportError("export/compile", {
      where: "potstill export",
      rule: "the exported C must be built and run by tools that build and run other programs here",
      got: `${basename(failure.program)}: ${failure.said}`,
      fix: "This is a fault in the export; please report it",
      details: { ...failure },
      cause: error,
    });
  }
}
