/** @file Compiles exported C with the machine's own compiler, and compares every byte it gives. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExportError } from "../errors/index.ts";
import { inMemoryOrder } from "../export/index.ts";
import { type Integers, imageOf, type QuantizedGraph } from "../quantize/index.ts";
import { bytesOf } from "../tensor/index.ts";

const compilers = ["cc", "gcc", "clang"] as const;
const flags = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic"] as const;

export interface CCheck {
  readonly graph: QuantizedGraph;
  readonly name: string;
  /** the bare sources by path */
  readonly files: ReadonlyMap<string, string>;
  /** int8 samples, and what the integer reference gives for each */
  readonly samples: readonly Int8Array[];
  readonly outputs: readonly Integers[];
}

/**
 * @returns the compiler that was used, or undefined if there is none
 * @throws ExportError "export/parity" naming the first sample whose output differs
 */
export function assertCParity(check: CCheck): string | undefined {
  const compiler = compilers.find(isThere);
  if (compiler === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "potstill-c-"));
  try {
    const given = runSamples(compiler, folder, check);
    const output = imageOf(check.graph.tensors[check.graph.output]!.shape);
    check.outputs.forEach((expected, at) => {
      const bytes = bytesOf(inMemoryOrder(expected, output));
      const got = given.subarray(at * bytes.length, (at + 1) * bytes.length);
      if (!bytes.every((byte, i) => byte === got[i])) throw different(compiler, at);
    });
    return compiler;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isThere(compiler: string): boolean {
  try {
    execFileSync(compiler, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function runSamples(compiler: string, folder: string, check: CCheck): Uint8Array {
  const { graph, name, files, samples } = check;
  const input = imageOf(graph.tensors[graph.input]!.shape);
  const at = (path: string): string => join(folder, path);
  for (const [path, text] of files) writeFileSync(at(path), text);
  writeFileSync(at("main.c"), mainText(name, graph.tensors[graph.output]!.dtype));
  const ordered = samples.map((sample) => bytesOf(inMemoryOrder(sample, input)));
  writeFileSync(at("in.bin"), Buffer.concat(ordered));
  const sources = [...files.keys(), "main.c"].filter((path) => path.endsWith(".c"));
  execFileSync(compiler, [...flags, "-o", "run", ...sources], { cwd: folder, stdio: "pipe" });
  execFileSync(at("run"), { cwd: folder, stdio: "pipe" });
  return new Uint8Array(readFileSync(at("out.bin")));
}

function mainText(name: string, dtype: "int8" | "int32"): string {
  const prefix = name.toUpperCase();
  return `#include <stdio.h>
#include "${name}.h"
int main(void) {
  static int8_t input[${prefix}_INPUT_ELEMENTS];
  static ${dtype}_t output[${prefix}_OUTPUT_ELEMENTS];
  FILE *const in = fopen("in.bin", "rb"), *const out = fopen("out.bin", "wb");
  if (!in || !out) return 2;
  while (fread(input, 1, sizeof input, in) == sizeof input) {
    ${name}_invoke(input, output);
    if (fwrite(output, 1, sizeof output, out) != sizeof output) return 3;
  }
  return fclose(out);
}
`;
}

function different(compiler: string, at: number): ExportError {
  return new ExportError("export/parity", {
    where: "potstill export",
    rule: `the C code compiled by ${compiler} must give what the integer reference gives`,
    got: `another output for sample ${at}`,
    fix: "This is a fault in the export; please report it",
    details: { compiler, sample: at },
  });
}
