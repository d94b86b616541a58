/** @file Images around exported C: linked to measure size, run under QEMU to measure work. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { boardsFolder, type Emulation } from "../../../distill/boards/index-node.ts";
import { inScratchFolder, judged, type Run, toolchainOf, toolError } from "./toolchain.ts";

export interface ImageRequest {
  /** bare C sources by path */
  readonly files: ReadonlyMap<string, string>;
  readonly name: string;
  readonly emulation: Emulation;
  /** default -O2 */
  readonly optimize?: string;
  /** what the sources call */
  readonly library?: Library;
  /** warnings are errors; default false: a compiler to come may have new ones */
  readonly strict?: boolean;
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

const harnessFolder = fileURLToPath(new URL("../../../../bench/mcu/", import.meta.url));

/**
 * Links start-up and model with the core's compiler.
 *
 * @returns what the image takes
 * @throws BackendError "backend/toolchain" if the tools can link nothing; ExportError
 *   "export/compile" if it is these files alone
 */
export function linkImage(request: ImageRequest): ImageSize {
  return judged(
    () => link(request),
    () => link(probeOf(request)),
  );
}

function link(request: ImageRequest): ImageSize {
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

/**
 * Runs samples, in the order of the C code, on an emulated board, with files by semihosting.
 *
 * @throws BackendError "backend/toolchain" if the tools can run nothing; ExportError
 *   "export/compile" if it is these files alone
 */
export function emulate(
  request: ImageRequest,
  samples: readonly Uint8Array[],
  { count = true }: EmulateOptions = {},
): EmulatedRun {
  return judged(
    () => runImage(request, samples, count),
    () => runImage(probeOf(request), [probeInput], count),
  );
}

function runImage(
  request: ImageRequest,
  samples: readonly Uint8Array[],
  count: boolean,
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
    const counted = count ? read("count.txt").toString().trim() : "";
    if (count && samples.length > 0 && counted === "")
      throw toolError(toolchainOf(emulation).emulator, "no instruction was counted");
    return {
      outputs: new Uint8Array(read("out.bin")),
      instructions: count ? counted.split("\n").map(Number) : [],
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
const warnings = ["-Wall", "-Wextra", "-Werror", "-pedantic"];

/** @param main C file and linker script, without their endings */
function build(request: ImageRequest, folder: string, run: Run, main: string): void {
  const { files, name, emulation, optimize = "-O2", library, strict = false } = request;
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
  const sources = [...files.keys()].filter((path) => path.endsWith(".c"));
  for (const source of sources)
    gcc("-std=c99", ...(strict ? warnings : []), `-D${large}_CALLER_ARENA`, "-c", source);
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

/** A network of four bytes, which are its answer: what tools that can build and run can do. */
function probeOf({ emulation, optimize = "-O2" }: ImageRequest): ImageRequest {
  return { files: probeFiles, name: "probe", emulation, optimize };
}

const probeInput = Uint8Array.of(1, 2, 3, 4);
const probeFiles: ReadonlyMap<string, string> = new Map([
  [
    "probe.h",
    `#include <stdint.h>
#define PROBE_ARENA_BYTES 8
#define PROBE_INPUT_ELEMENTS 4
#define PROBE_INPUT(arena) ((int8_t *)(arena))
#define PROBE_OUTPUT_ELEMENTS 4
#define PROBE_OUTPUT(arena) ((const int8_t *)(arena) + 4)
void probe_run(uint32_t *arena);
`,
  ],
  [
    "probe.c",
    `#include "probe.h"
#include <string.h>
void probe_run(uint32_t *arena) { memcpy(arena + 1, arena, sizeof *arena); }
`,
  ],
]);
