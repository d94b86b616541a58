/** @file Runs an exported .tflite file in LiteRT, where installed, and compares every byte. */

import { inMemoryOrder } from "../../device/export/index.ts";
import { imageOf, type QuantizedGraph, runQuantized } from "../../device/quantize/index.ts";
import { bytesOf } from "../../engine/tensor/index.ts";
import { ExportError, isDistillError } from "../../errors/index.ts";
import { installLiteRt, type LiteRt, openLiteRt } from "./litert.ts";

/** The LiteRT that gives the reference's bytes, or why none was of use. */
export type TfliteChecked = { readonly version: string } | { readonly why: string };

/**
 * LiteRT must give what the integer reference gives under `xnnpack`.
 *
 * @param samples int8, [channels, height, width]
 * @param open gives LiteRT; default the installed one
 * @throws ExportError "export/parity" naming the first sample whose output differs
 */
export async function assertTfliteParity(
  graph: QuantizedGraph,
  file: Uint8Array,
  samples: readonly Int8Array[],
  open: () => Promise<LiteRt | undefined> = openLiteRt,
): Promise<TfliteChecked> {
  try {
    const litert = await open();
    if (litert === undefined) return { why: `LiteRT is not installed (${installLiteRt})` };
    assertSame(graph, samples, litert.run(file, inputsOf(graph, samples)));
    return { version: litert.version };
  } catch (error) {
    if (isDistillError(error) && error.code === "backend/toolchain") return { why: error.message };
    throw error;
  }
}

function inputsOf(graph: QuantizedGraph, samples: readonly Int8Array[]): readonly Int8Array[] {
  const image = imageOf(graph.tensors[graph.input]!.shape);
  return samples.map((sample) => Int8Array.from(inMemoryOrder(sample, image)));
}

function assertSame(
  graph: QuantizedGraph,
  samples: readonly Int8Array[],
  outputs: readonly Uint8Array[],
): void {
  const image = imageOf(graph.tensors[graph.output]!.shape);
  for (const [at, got] of outputs.entries()) {
    const reference = runQuantized(graph, samples[at]!, "xnnpack");
    const expected = bytesOf(inMemoryOrder(reference, image));
    if (Buffer.from(got).equals(expected)) continue;
    throw new ExportError("export/parity", {
      where: "potstill export",
      rule: "LiteRT must give what the integer reference gives (xnnpack)",
      got: `another output for sample ${at}`,
      fix: "This is a fault in the export; please report it",
      details: { sample: at },
    });
  }
}
