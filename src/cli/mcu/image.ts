/** @file Images around exported C: linked to measure size, run under QEMU to measure work. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { boardsFolder, type Emulation } from "../../distill/boards/index-node.ts";
import { inScratchFolder, type Run, toolchainOf } from "./toolchain.ts";

export interface ImageRequest {
  /** bare C sources by path */
  readonly files: ReadonlyMap<string, string>;
  readonly name: string;
  readonly emulation: Emulation;
  /** default -O2 */
  readonly optimize?: string;
  /** what the sources call */
  readonly library?: Library;
}

export interface Library {
  /** of the compiler, for all that calls the library */
  readonly flags: readonly string[];
  /** file of the compiled library, for the same core */
  readonly archive: string;
}

export interface ImageSize {
  /** vectors, start-up, code, tables, and initial values of data */
  readonly flashBytes: number;
  /** arena and all other data, without the stack */
  readonly ramBytes: number;
}

const harnessFolder = fileURLToPath(new URL("../../../bench/mcu/", import.meta.url));

/** Links start-up and model with the core's compiler. @returns what the image takes */
export function linkImage(request: ImageRequest): ImageSize {
  return inScratchFolder((folder, run) => {
    build(request, folder, run, join(boardsFolder, "firmware"));
    const sections = sectionBytes(sizesOf(request, run, "image.elf"));
    const data = sections.get(".data") ?? 0;
    return {
      flashBytes: (sections.get(".text") ?? 0) + (sections.get(".ARM.exidx") ?? 0) + data,
      ramBytes: data + (sections.get(".bss") ?? 0),
    };
  });
}

export interface EmulateOptions {
  /** default true: counting takes five times as long */
  readonly count?: boolean;
}

export interface EmulatedRun {
  /** what the samples give, one after another */
  readonly outputs: Uint8Array;
  /** of each sample; empty unless counted */
  readonly instructions: readonly number[];
  /** code and tables of the network's own object file */
  readonly objectBytes: number;
  /** deepest use of the stack by the network's own frames */
  readonly stackBytes: number;
}

/** Runs samples, in the order of the C code, on an emulated board, with files by semihosting. */
export function emulate(
  request: ImageRequest,
  samples: readonly Uint8Array[],
  { count = true }: EmulateOptions = {},
): EmulatedRun {
  const { name, emulation } = request;
  return inScratchFolder((folder, run) => {
    build(request, folder, run, join(harnessFolder, "board"));
    writeFileSync(join(folder, "in.bin"), Buffer.concat(samples));
    run(
      toolchainOf(emulation).emulator,
      ...["-M", emulation.machine, "-nographic", "-monitor", "none", "-serial", "none"],
      ...["-semihosting-config", "enable=on,target=native", "-kernel", "image.elf"],
      ...(emulation.family === "riscv" ? ["-bios", "none"] : []),
      ...(count ? counter(request, run) : []),
    );
    const read = (path: string): Buffer => readFileSync(join(folder, path));
    return {
      outputs: new Uint8Array(read("out.bin")),
      instructions: existsSync(join(folder, "count.txt"))
        ? read("count.txt").toString().trim().split("\n").map(Number)
        : [],
      objectBytes: objectBytes(sizesOf(request, run, `${name}.o`)),
      stackBytes: read("stack.bin").readUInt32LE(),
    };
  });
}

/** RISC-V's board has its memory elsewhere. */
const addresses = {
  arm: [],
  riscv: ["-Wl,--defsym=flash_origin=0x80000000", "-Wl,--defsym=ram_origin=0x84000000"],
} as const;
const specs = { arm: [], riscv: ["--specs=picolibc.specs"] } as const;
const strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"];

/** @param main C file and linker script, without their endings */
function build(request: ImageRequest, folder: string, run: Run, main: string): void {
  const { files, name, emulation, optimize = "-O2", library } = request;
  const { flags, family } = emulation;
  for (const [path, text] of files) writeFileSync(join(folder, path), text);
  const gcc = (...args: readonly string[]): string =>
    run(
      toolchainOf(emulation).compiler,
      ...[...flags, ...specs[family], optimize, "-ffunction-sections", "-fdata-sections", "-I."],
      ...(library?.flags ?? []),
      ...args,
    );
  const large = name.toUpperCase();
  const sources = [...files.keys()].filter(
    (path) => /\.c$/.test(path) && !/_selftest\.c$/.test(path),
  );
  for (const source of sources) gcc(...strict, `-D${large}_CALLER_ARENA`, "-c", source);
  gcc(
    ...[`-DNETWORK_H="${name}.h"`, `-DNETWORK(part)=${name}_##part`],
    ...[`-DLARGE(part)=${large}_##part`, `-D${large}_CALLER_ARENA`],
    ...["-c", `${main}.c`, "-o", "main.o"],
  );
  gcc(
    ...["-nostartfiles", "-Wl,--gc-sections", "-T", `${main}.ld`, ...addresses[family]],
    ...["-o", "image.elf", "main.o", ...sources.map((path) => path.replace(/c$/, "o"))],
    ...(library ? [library.archive] : []),
    ...["-lc", "-lgcc"],
  );
}

/** @returns what makes QEMU count the instructions of each inference into count.txt */
function counter({ emulation }: ImageRequest, run: Run): readonly string[] {
  const source = join(harnessFolder, "count.c");
  run("gcc", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-o", "count.so", source);
  const symbols = run(`${toolchainOf(emulation).prefix}nm`, "image.elf");
  const [start, stop] = ["region_begin", "region_end"].map(
    (symbol) => new RegExp(`^(\\w+) T ${symbol}$`, "m").exec(symbols)?.[1],
  );
  return ["-plugin", `./count.so,start=0x${start},stop=0x${stop},out=count.txt`];
}

function sizesOf({ emulation }: ImageRequest, run: Run, file: string): string {
  return run(`${toolchainOf(emulation).prefix}size`, "-A", file);
}

function sectionBytes(sizes: string): ReadonlyMap<string, number> {
  const rows = sizes.matchAll(/^(\.\S+)\s+(\d+)/gm);
  return new Map(Array.from(rows, ([, section, bytes]) => [section!, Number(bytes)]));
}

/** text and read-only data without the parts that the linker drops for a user of `run` */
function objectBytes(sizes: string): number {
  return [...sectionBytes(sizes)]
    .filter(([section]) => /^\.(text|rodata|srodata|data)/.test(section))
    .filter(([section]) => !/_invoke|_classify/.test(section))
    .reduce((total, [, bytes]) => total + bytes, 0);
}
