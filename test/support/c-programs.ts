/** @file Compiles exported C with a harness that runs samples from a file, and runs it. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @returns whether a program can be run, by asking for its version */
export function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export const strictFlags = [
  "-std=c99",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-pedantic",
  "-fsanitize=undefined,address",
  "-fno-sanitize-recover=all",
] as const;

const harness = (name: string, prefix: string, outputType: string): string => `
#include <stdio.h>
#include "${name}.h"
int main(int argc, char **argv) {
  static int8_t input[${prefix}_INPUT_ELEMENTS];
  static ${outputType} output[${prefix}_OUTPUT_ELEMENTS];
  FILE *const in = fopen(argc > 1 ? argv[1] : "in.bin", "rb");
  FILE *const out = fopen(argc > 2 ? argv[2] : "out.bin", "wb");
  if (!in || !out) return 2;
  while (fread(input, 1, sizeof input, in) == sizeof input) {
    ${name}_invoke(input, output);
    if (fwrite(output, 1, sizeof output, out) != sizeof output) return 3;
  }
  fclose(in);
  return fclose(out);
}
`;

export interface CRun {
  readonly files: ReadonlyMap<string, string>;
  readonly name: string;
  readonly outputType: "int8_t" | "int32_t";
  /** samples one after another, in the order of the C code */
  readonly inputs: Int8Array;
  readonly flags?: readonly string[];
}

/** Compiles with the host's gcc and runs. @returns the bytes of all outputs */
export function runOnHost({
  files,
  name,
  outputType,
  inputs,
  flags = strictFlags,
}: CRun): Uint8Array {
  return inFolder((folder) => {
    for (const [path, text] of files) writeFileSync(join(folder, path), text);
    writeFileSync(join(folder, "main.c"), harness(name, name.toUpperCase(), outputType));
    writeFileSync(join(folder, "in.bin"), inputs);
    const sources = [...files.keys(), "main.c"].filter((path) => path.endsWith(".c"));
    execFileSync("gcc", [...flags, "-O1", "-o", "run", ...sources], { cwd: folder });
    execFileSync(join(folder, "run"), { cwd: folder });
    return new Uint8Array(readFileSync(join(folder, "out.bin")));
  });
}

/** Runs `work` in a new folder, which is gone afterwards. */
export function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "potstill-c-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
