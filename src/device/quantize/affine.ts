/** @file Scales and zero points of activations, and real numbers to int8. */

import type { ClampRange, Quantization, SampleEncoding } from "./quantized-graph.ts";
import { roundAway } from "./rounding.ts";

/**
 * scale = (max − min) / 255 as float32, zeroPoint = round(−128 − min / scale), with the range
 * widened to contain 0, so that 0 is exact.
 *
 * A range of nothing but 0 gets scale 1.
 */
export function affineQuantization(range: {
  readonly min: number;
  readonly max: number;
}): Quantization {
  const min = Math.min(range.min, 0);
  const max = Math.max(range.max, 0);
  const scale = Math.fround((max - min) / 255);
  if (!(scale > 0)) return { scale: 1, zeroPoint: 0 };
  return { scale, zeroPoint: clampInt8(roundAway(-128 - min / scale)) };
}

/**
 * The quantisation of uint8 samples under which q = x − 128 exactly, if there is one: where
 * offset / scale is an integer and 0 is in the range.
 */
export function exactSampleQuantization({
  dtype,
  scale,
  offset,
}: SampleEncoding): Quantization | undefined {
  const zeroPoint = -128 - offset / scale;
  const isExact = Math.abs(zeroPoint - Math.round(zeroPoint)) < 1e-4;
  if (dtype !== "uint8" || !isExact || zeroPoint < -128.5 || zeroPoint > 127.5) return undefined;
  return { scale: Math.fround(scale), zeroPoint: Math.round(zeroPoint) };
}

export function clampInt8(q: number): number {
  return Math.min(127, Math.max(-128, q));
}

/** @returns the int8 number nearest to a real one */
export function quantize(real: number, { scale, zeroPoint }: Quantization): number {
  return clampInt8(roundAway(real / scale) + zeroPoint);
}

/** @returns real limits as int8 limits: a relu's is the zero point */
export function clampRange(
  limits: { readonly min: number; readonly max: number },
  quantization: Quantization,
): ClampRange {
  const min = limits.min === -Infinity ? -128 : quantize(limits.min, quantization);
  const max = limits.max === Infinity ? 127 : quantize(limits.max, quantization);
  return { min, max };
}

/**
 * @param samples as stored, any number of them
 * @returns what the integer network takes: round((x · scale + offset) / inputScale) + zeroPoint
 */
export function quantizeSamples(
  samples: Uint8Array | Float32Array | Int32Array,
  sample: SampleEncoding,
  input: Quantization,
): Int8Array {
  const of = (x: number): number => quantize(x * sample.scale + sample.offset, input);
  if (!(samples instanceof Uint8Array)) return Int8Array.from(samples, of);
  const table = Int8Array.from({ length: 256 }, (_, x) => of(x));
  return Int8Array.from(samples, (x) => table[x]!);
}
