/** @file C that is compiled by the machine's own compiler, and run once. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inScratchFolder, judged } from "./mcu/toolchain.ts";

/** Reads in.bin, and writes out.bin, in a folder of its own. */
export interface HostProgram {
  /** sources and headers by path */
  readonly files: ReadonlyMap<string, string>;
  /** the text of main.c */
  readonly main: string;
  /** in.bin */
  readonly input: Uint8Array;
}

/**
 * @returns out.bin
 * @throws BackendError "backend/toolchain" if the compiler builds nothing that runs here;
 *   ExportError "export/compile" if it is this program alone that it does not
 */
export function runOnHost(compiler: string, program: HostProgram): Uint8Array {
  return judged(
    () => execute(compiler, program),
    () => execute(compiler, probe),
  );
}

/** Warnings are not looked at: those of a compiler to come say nothing about the C. */
function execute(compiler: string, { files, main, input }: HostProgram): Uint8Array {
  return inScratchFolder((folder, run) => {
    const all = new Map([...files, ["main.c", main]]);
    for (const [path, text] of all) writeFileSync(join(folder, path), text);
    writeFileSync(join(folder, "in.bin"), input);
    const sources = [...all.keys()].filter((path) => path.endsWith(".c"));
    run(compiler, "-std=c99", "-O2", "-o", "run", ...sources);
    run(join(folder, "run"));
    return new Uint8Array(readFileSync(join(folder, "out.bin")));
  });
}

/** What every exported program needs of compiler, headers, libraries and folder. */
const probe: HostProgram = {
  files: new Map(),
  main: `#include <stdint.h>
#include <stdio.h>
#include <string.h>
int main(void) {
  int8_t given[4], kept[4];
  FILE *const in = fopen("in.bin", "rb"), *const out = fopen("out.bin", "wb");
  if (!in || !out || fread(given, 1, sizeof given, in) != sizeof given) return 2;
  memcpy(kept, given, sizeof kept);
  if (fwrite(kept, 1, sizeof kept, out) != sizeof kept) return 3;
  return fclose(out);
}
`,
  input: Uint8Array.of(1, 2, 3, 4),
};
