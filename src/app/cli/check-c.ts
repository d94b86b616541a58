/** @file Compiles exported C with the machine's own compiler, and compares every byte it gives. */

import { inMemoryOrder } from "../../device/export/index.ts";
import { type Integers, imageOf, type QuantizedGraph } from "../../device/quantize/index.ts";
import { bytesOf } from "../../engine/tensor/index.ts";
import { ExportError } from "../../errors/index.ts";
import { runOnHost } from "./host-program.ts";
import { hasProgram, toolFailureOf } from "./mcu/toolchain.ts";

const compilers = ["cc", "gcc", "clang"] as const;

export interface CCheck {
  readonly graph: QuantizedGraph;
  readonly name: string;
  /** the bare sources by path */
  readonly files: ReadonlyMap<string, string>;
  /** int8 samples, and what the integer reference gives for each */
  readonly samples: readonly Int8Array[];
  readonly outputs: readonly Integers[];
}

/** The compiler whose program gives the reference's bytes, or why no compiler was of use. */
export type CChecked = { readonly compiler: string } | { readonly why: string };

/**
 * Takes the first compiler that builds programs which run here.
 *
 * @throws ExportError "export/parity" naming the first sample whose output differs;
 *   "export/compile" if a compiler that builds others does not build this program
 */
export function assertCParity(check: CCheck): CChecked {
  const failures: string[] = [];
  for (const compiler of compilers) {
    if (!hasProgram(compiler)) continue;
    try {
      assertSame(compiler, check);
      return { compiler };
    } catch (error) {
      const failure = toolFailureOf(error);
      if (failure === undefined) throw error;
      failures.push(`${compiler} builds nothing that runs here (${failure.said})`);
    }
  }
  return { why: failures.join(", ") || "no C compiler found on this machine" };
}

function assertSame(compiler: string, { graph, name, files, samples, outputs }: CCheck): void {
  const [input, output] = [graph.tensors[graph.input]!, graph.tensors[graph.output]!];
  const ordered = samples.map((sample) => bytesOf(inMemoryOrder(sample, imageOf(input.shape))));
  const main = mainText(name, output.dtype);
  const given = runOnHost(compiler, { files, main, input: Buffer.concat(ordered) });
  outputs.forEach((expected, at) => {
    const bytes = bytesOf(inMemoryOrder(expected, imageOf(output.shape)));
    const got = given.subarray(at * bytes.length, (at + 1) * bytes.length);
    if (!bytes.every((byte, i) => byte === got[i])) throw different(compiler, at);
  });
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
