/** @file Random inputs for integer networks, and the outputs that targets must give. */

import { inMemoryOrder } from "../../src/device/export/index.ts";
import {
  imageOf,
  type QuantizedGraph,
  type Rounding,
  runQuantized,
} from "../../src/device/quantize/index.ts";
import { bytesOf, elementCount, randomStream } from "../../src/engine/tensor/index.ts";

/** @returns int8 samples, the first two at the ends of the range */
export function randomInputs(graph: QuantizedGraph, count: number, seed = 3): Int8Array[] {
  const stream = randomStream(seed, "int8 inputs");
  const length = elementCount(graph.tensors[graph.input]!.shape);
  return Array.from({ length: count }, (_, at) =>
    Int8Array.from({ length }, () =>
      at === 0 ? -128 : at === 1 ? 127 : stream.integer(256) - 128,
    ),
  );
}

/**
 * @param rounding that the outputs must have; default that of the C code
 * @returns inputs and expected outputs, one after another, channels last
 */
export function parityBytes(
  graph: QuantizedGraph,
  samples: readonly Int8Array[],
  rounding: Rounding = "tflm",
): { readonly inputs: Int8Array; readonly expected: Uint8Array } {
  const [input, output] = [graph.tensors[graph.input]!, graph.tensors[graph.output]!];
  const inputs = samples.map((sample) => inMemoryOrder(sample, imageOf(input.shape)));
  const outputs = samples.map((sample) =>
    bytesOf(inMemoryOrder(runQuantized(graph, sample, rounding), imageOf(output.shape))),
  );
  const joined = (parts: readonly ArrayLike<number>[]): number[] =>
    parts.flatMap((part) => Array.from(part));
  return { inputs: Int8Array.from(joined(inputs)), expected: Uint8Array.from(joined(outputs)) };
}
