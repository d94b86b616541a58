/**
 * @file From stored elements to what a network sees, on the host: the same numbers as `preprocess`
 * gives in a graph.
 */

import type { Preprocessing, SampleDType } from "../../data/index.ts";
import type { DataOf } from "../../tensor/index.ts";

/**
 * y = x · scale + offset, each operation rounded to float32, as a graph does it.
 *
 * @param x uint8, float32 or int32, any length
 * @returns float32, same length, a new array
 */
export function preprocessOnHost(
  x: DataOf[SampleDType],
  { scale, offset }: Preprocessing,
): Float32Array {
  const s = Math.fround(scale);
  const b = Math.fround(offset);
  // a product of two float32 is exact in float64, so rounding once more gives float32's product
  const convert = (value: number): number => Math.fround(Math.fround(value * s) + b);
  if (x instanceof Float32Array) return scale === 1 && offset === 0 ? x.slice() : x.map(convert);
  if (x instanceof Int32Array) return Float32Array.from(x, (value) => convert(Math.fround(value)));
  const table = Float32Array.from({ length: 256 }, (_, value) => convert(value));
  return Float32Array.from(x, (value) => table[value]!);
}
