/** @file Images around exported C: linked to measure size, run under QEMU to measure work. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { boardsFolder } from "./boards.ts";
import { type CoreName, cores } from "./cores.ts";
import { inScratchFolder, type Run } from "./toolchain.ts";

export interface ImageRequest {
  /** bare C sources by path */
  readonly files: ReadonlyMap<string, string>;
  readonly name: string;
  /** one that can be emulated */
  readonly core: CoreName;
}

export interface ImageSize {
  /** vectors, start-up, code, tables, and initial values of data */
  readonly flashBytes: number;
  /** arena and all other data, without the stack */
  readonly ramBytes: number;
}

const harnessFolder = fileURLToPath(new URL("../../../bench/mcu/", import.meta.url));

/** Links start-up and model with arm-none-eabi-gcc. @returns what the image takes */
export function linkImage(request: ImageRequest): ImageSize {
  return inScratchFolder((folder, run) => {
    build(request, folder, run, {
      main: join(boardsFolder, "firmware.c"),
      script: join(boardsFolder, "firmware.ld"),
    });
    const sizes = run("arm-none-eabi-size", "-A", "image.elf");
    const bytes = (section: string): number =>
      Number(new RegExp(`^\\.${section}\\s+(\\d+)`, "m").exec(sizes)?.[1] ?? 0);
    const data = bytes("data");
    return {
      flashBytes: bytes("text") + bytes("ARM\\.exidx") + data,
      ramBytes: data + bytes("bss"),
    };
  });
}

export interface EmulatedRun {
  /** what the samples give, one after another */
  readonly outputs: Uint8Array;
  /** of each sample */
  readonly instructions: readonly number[];
  /** deepest use of the stack by the network's own frames */
  readonly stackBytes: number;
}

/** Runs samples, in the order of the C code, on an emulated board, counting instructions. */
export function emulate(request: ImageRequest, samples: readonly Uint8Array[]): EmulatedRun {
  const { machine } = emulated(request.core);
  return inScratchFolder((folder, run) => {
    build(request, folder, run, {
      main: join(harnessFolder, "board.c"),
      script: join(harnessFolder, "board.ld"),
    });
    writeFileSync(join(folder, "in.bin"), Buffer.concat(samples));
    const source = join(harnessFolder, "count.c");
    run("gcc", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-o", "count.so", source);
    const symbols = run("arm-none-eabi-nm", "image.elf");
    const [start, stop] = ["region_begin", "region_end"].map(
      (symbol) => new RegExp(`^(\\w+) T ${symbol}$`, "m").exec(symbols)?.[1],
    );
    run(
      "qemu-system-arm",
      ...["-M", machine, "-nographic", "-monitor", "none", "-serial", "none"],
      ...["-semihosting-config", "enable=on,target=native", "-kernel", "image.elf"],
      ...["-plugin", `./count.so,start=0x${start},stop=0x${stop},out=count.txt`],
    );
    const read = (path: string): Buffer => readFileSync(join(folder, path));
    return {
      outputs: new Uint8Array(read("out.bin")),
      instructions: read("count.txt").toString().trim().split("\n").map(Number),
      stackBytes: read("stack.bin").readUInt32LE(),
    };
  });
}

function emulated(core: CoreName) {
  const found = cores[core].emulated;
  if (found === undefined) throw new Error(`internal: ${core} cannot be built`);
  return found;
}

function build(
  { files, name, core }: ImageRequest,
  folder: string,
  run: Run,
  { main, script }: { readonly main: string; readonly script: string },
): void {
  for (const [path, text] of files) writeFileSync(join(folder, path), text);
  const large = name.toUpperCase();
  run(
    "arm-none-eabi-gcc",
    ...[...emulated(core).flags, "-mthumb", "-O2", "-ffunction-sections", "-fdata-sections"],
    ...[`-DNETWORK_H="${name}.h"`, `-DNETWORK(part)=${name}_##part`],
    ...[`-DLARGE(part)=${large}_##part`, `-D${large}_CALLER_ARENA`, "-I."],
    ...["-nostartfiles", "-Wl,--gc-sections", "-T", script, "-o", "image.elf"],
    ...[main, `${name}.c`, "-lc", "-lgcc"],
  );
}
