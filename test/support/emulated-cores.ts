/** @file Runs exported C on emulated Cortex-M cores: outputs, instructions, flash, stack. */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hasProgram, inFolder } from "./c-programs.ts";

export interface Core {
  readonly name: string;
  readonly board: string;
  readonly flags: readonly string[];
}

/** Emulated boards; the M0's code runs on an M3, which has all its instructions. */
export const cores: readonly Core[] = [
  { name: "cortex-m0", board: "mps2-an385", flags: ["-mcpu=cortex-m0"] },
  { name: "cortex-m3", board: "mps2-an385", flags: ["-mcpu=cortex-m3"] },
  {
    name: "cortex-m4",
    board: "mps2-an386",
    flags: ["-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"],
  },
  {
    name: "cortex-m7",
    board: "mps2-an500",
    flags: ["-mcpu=cortex-m7", "-mfpu=fpv5-sp-d16", "-mfloat-abi=hard"],
  },
  { name: "cortex-m55", board: "mps3-an547", flags: ["-mcpu=cortex-m55", "-mfloat-abi=hard"] },
];

/** @returns what is missing to emulate, or "" */
export function missingForEmulation(): string {
  const missing = ["arm-none-eabi-gcc", "qemu-system-arm", "gcc"].filter(
    (name) => !hasProgram(name),
  );
  return missing.join(", ");
}

export interface EmulatedRun {
  readonly files: ReadonlyMap<string, string>;
  readonly name: string;
  readonly core: Core;
  readonly inputs: Int8Array;
  /** default -O2 */
  readonly optimize?: string;
  /** default false: counting takes five times as long */
  readonly count?: boolean;
}

export interface EmulatedResult {
  readonly outputs: Uint8Array;
  /** of each sample; empty unless asked for */
  readonly instructions: readonly number[];
  /** code and tables of the network's own object file */
  readonly flashBytes: number;
  /** deepest use of the stack by the network, its own frames only */
  readonly stackBytes: number;
}

const boardFolder = fileURLToPath(new URL("../../bench/mcu/", import.meta.url));

/** Compiles for a core, and runs every sample under QEMU with files by semihosting. */
export function runEmulated(request: EmulatedRun): EmulatedResult {
  const { files, name, core, inputs, optimize = "-O2", count = false } = request;
  return inFolder((folder) => {
    for (const [path, text] of files) writeFileSync(join(folder, path), text);
    writeFileSync(join(folder, "in.bin"), inputs);
    const run = (program: string, ...args: readonly string[]): string =>
      execFileSync(program, args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
    const gcc = (...args: readonly string[]): string =>
      run("arm-none-eabi-gcc", ...core.flags, "-mthumb", optimize, ...sectionFlags, ...args);
    gcc("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-c", `${name}.c`);
    const large = name.toUpperCase();
    gcc(
      `-DNETWORK_H="${name}.h"`,
      `-DNETWORK(part)=${name}_##part`,
      `-DLARGE(part)=${large}_##part`,
      ...["-I.", "-c", join(boardFolder, "board.c")],
    );
    gcc(
      ...["-nostartfiles", "-Wl,--gc-sections", "-T", join(boardFolder, "board.ld")],
      ...["-o", "run.elf", "board.o", `${name}.o`, "-lc", "-lgcc"],
    );
    const plugin = count ? pluginFlags(run) : [];
    run(
      "qemu-system-arm",
      ...["-M", core.board, "-nographic", "-monitor", "none", "-serial", "none"],
      ...["-semihosting-config", "enable=on,target=native", "-kernel", "run.elf", ...plugin],
    );
    const read = (path: string): Buffer => readFileSync(join(folder, path));
    return {
      outputs: new Uint8Array(read("out.bin")),
      instructions: existsSync(join(folder, "count.txt"))
        ? read("count.txt").toString().trim().split("\n").map(Number)
        : [],
      flashBytes: objectBytes(run("arm-none-eabi-size", "-A", `${name}.o`)),
      stackBytes: read("stack.bin").readUInt32LE(),
    };
  });
}

const sectionFlags = ["-ffunction-sections", "-fdata-sections"];

type Run = (program: string, ...args: readonly string[]) => string;

function pluginFlags(run: Run): readonly string[] {
  const source = join(boardFolder, "count.c");
  run("gcc", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-o", "count.so", source);
  const symbols = run("arm-none-eabi-nm", "run.elf");
  const address = (symbol: string): string =>
    `0x${new RegExp(`^(\\w+) T ${symbol}$`, "m").exec(symbols)?.[1] ?? "0"}`;
  const [start, stop] = [address("region_begin"), address("region_end")];
  return ["-plugin", `./count.so,start=${start},stop=${stop},out=count.txt`];
}

/** text and read-only data without the parts that the linker drops for a user of `run` */
function objectBytes(sizes: string): number {
  const rows = [...sizes.matchAll(/^(\.\S+)\s+(\d+)/gm)];
  return rows
    .filter(([, section]) => /^\.(text|rodata|data)/.test(section!))
    .filter(([, section]) => !/_invoke|_classify/.test(section!))
    .reduce((total, [, , bytes]) => total + Number(bytes), 0);
}
