/**
 * @file From stored elements to what a network sees, on the host: the same numbers as `preprocess`
 * gives in a graph.
 */

import type { Preprocessing, SampleDType } from "../../data/index.ts";
import type { DataOf } from "../../engine/tensor/index.ts";

/**
 * y = x · scale + offset, each operation rounded to float32, as a graph does it.
 *
 * @param x uint8, float32 or int32, any length
 * @returns float32, same length; x itself where it is float32, scale 1 and offset 0
 */
export function preprocessOnHost(
  x: DataOf[SampleDType],
  { scale, offset }: Preprocessing,
): Float32Array {
  if (x instanceof Float32Array && scale === 1 && offset === 0) return x;
  const s = Math.fround(scale);
  const b = Math.fround(offset);
  // a product of two float32 is exact in float64, so rounding once more gives float32's product
  const convert = (value: number): number => Math.fround(Math.fround(Math.fround(value) * s) + b);
  const y = new Float32Array(x.length); // filled in loops: `from` and `map` take 3 to 16 times as long
  if (x instanceof Uint8Array) {
    const table = Float32Array.from({ length: 256 }, (_, value) => convert(value));
    for (let i = 0; i < x.length; i++) y[i] = table[x[i]!]!;
  } else for (let i = 0; i < x.length; i++) y[i] = convert(x[i]!);
  return y;
}
