/** @file Samples as an integer network takes them, and how often it is right. */

import type { Dataset } from "../data/index.ts";
import { accuracy } from "../evaluate/index.ts";
import { type Integers, type QuantizedGraph, quantizeSamples } from "../quantize/index.ts";
import { allocate, elementCount } from "../tensor/index.ts";

/** @returns all samples of a data set as the integer network takes them, row-major */
export async function quantizedSamples(graph: QuantizedGraph, data: Dataset): Promise<Int8Array[]> {
  const size = elementCount(data.shape);
  const all = allocate(data.dtype, data.length * size);
  await data.gather(
    Int32Array.from({ length: data.length }, (_, index) => index),
    all,
  );
  const q = quantizeSamples(all, graph.sample, graph.tensors[graph.input]!);
  return Array.from({ length: data.length }, (_, at) => q.slice(at * size, (at + 1) * size));
}

/** @param outputs of each sample */
export function integerAccuracy(outputs: readonly Integers[], { labels }: Dataset): number {
  const logits = Float32Array.from(outputs.flatMap((output) => [...output]));
  return accuracy(logits, labels);
}
