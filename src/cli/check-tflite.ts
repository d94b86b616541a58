/** @file Runs an exported .tflite file in LiteRT, where installed, and compares every byte. */

import { ExportError } from "../errors/index.ts";
import { inMemoryOrder } from "../export/index.ts";
import { imageOf, type QuantizedGraph, runQuantized } from "../quantize/index.ts";
import { bytesOf } from "../tensor/index.ts";
import { openLiteRt } from "./litert.ts";

/**
 * LiteRT must give what the integer reference gives under `xnnpack`.
 *
 * @param samples int8, [channels, height, width]
 * @returns whether LiteRT is there
 * @throws ExportError "export/parity" naming the first sample whose output differs
 */
export async function assertTfliteParity(
  graph: QuantizedGraph,
  file: Uint8Array,
  samples: readonly Int8Array[],
): Promise<boolean> {
  const litert = await openLiteRt();
  if (litert === undefined) return false;
  const [input, output] = [graph.input, graph.output].map((at) =>
    imageOf(graph.tensors[at]!.shape),
  );
  const inputs = samples.map((sample) => Int8Array.from(inMemoryOrder(sample, input!)));
  for (const [at, got] of litert.run(file, inputs).entries()) {
    const reference = runQuantized(graph, samples[at]!, "xnnpack");
    const expected = bytesOf(inMemoryOrder(reference, output!));
    if (Buffer.from(got).equals(expected)) continue;
    throw new ExportError("export/parity", {
      where: "potstill export",
      rule: "LiteRT must give what the integer reference gives (xnnpack)",
      got: `another output for sample ${at}`,
      fix: "This is a fault in the export; please report it",
      details: { sample: at },
    });
  }
  return true;
}
