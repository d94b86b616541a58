/** @file Samples as an integer network takes them, and how often it is right. */

import type { Dataset } from "../../data/index.ts";
import {
  type Integers,
  type QuantizedGraph,
  quantizeSamples,
} from "../../device/quantize/index.ts";
import { accuracy } from "../../distill/metrics/index.ts";
import { allocate, elementCount } from "../../engine/tensor/index.ts";

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

/** How far the integer network's outputs are from the float one's. */
export interface OutputDeviation {
  readonly max: number;
  readonly mean: number;
  /** of the float outputs, largest less smallest */
  readonly range: number;
}

/**
 * @param outputs of each sample
 * @param float32 [samples, outputs]
 * @returns null where the output is an index
 */
export function outputDeviation(
  outputs: readonly Integers[],
  { tensors, output }: QuantizedGraph,
  float32: Float32Array,
): OutputDeviation | null {
  const { dtype, scale, zeroPoint } = tensors[output]!;
  if (dtype !== "int8") return null;
  let [at, max, sum] = [0, 0, 0];
  for (const each of outputs)
    for (const q of each) {
      const gap = Math.abs((Number(q) - zeroPoint) * scale - float32[at++]!); // as many
      max = Math.max(max, gap);
      sum += gap;
    }
  const [low, high] = float32.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [
    Infinity,
    -Infinity,
  ] as [number, number]);
  return { max, mean: sum / at, range: high - low };
}
