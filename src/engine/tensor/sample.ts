/** @file What a sample is to a network: its dtype, and the numbers its elements stand for. */

import type { DataOf } from "./dtype.ts";

/**
 * Sample dtypes. uint8 data stays uint8 in memory and on its way into the graph; int32 is for token
 * ids.
 */
export type SampleDType = "uint8" | "float32" | "int32";

export const sampleDTypes: readonly SampleDType[] = ["uint8", "float32", "int32"];

/** @returns the dtype of samples in such an array */
export function sampleDType(data: DataOf[SampleDType]): SampleDType {
  if (data instanceof Uint8Array) return "uint8";
  return data instanceof Int32Array ? "int32" : "float32";
}

/**
 * How a stored element becomes the number that a network sees: `value * scale + offset`, done
 * inside the graph. One number for all channels. uint8 data default to scale 1/255, offset 0;
 * others to 1 and 0.
 */
export interface Preprocessing {
  readonly scale: number;
  readonly offset: number;
}
