/** @file Content hashes of samples and data sets: what keeps soft labels and samples together. */

import type { SampleDType } from "../engine/tensor/index.ts";
import { bytesOf, type DataOf, type Shape, showShape } from "../engine/tensor/index.ts";
import { sha256Hex, startSha256 } from "../hash/index.ts";
import type { Dataset } from "./dataset.ts";

const keyHexDigits = 32;

/**
 * Makes the function that hashes samples of one dtype and shape.
 *
 *   key = first 32 hex digits of SHA-256( "<dtype> [<d0>, <d1>, …]\n" in UTF-8,
 *                                         then the sample's little-endian bytes )
 *
 * @returns a function from one sample's elements to its key
 */
export function sampleHasher<D extends SampleDType>(
  dtype: D,
  shape: Shape,
): (sample: DataOf[D]) => string {
  const header = new TextEncoder().encode(`${dtype} ${showShape(shape)}\n`);
  let whole = header;
  return (sample) => {
    const bytes = bytesOf(sample);
    if (whole.length !== header.length + bytes.length) {
      whole = new Uint8Array(header.length + bytes.length);
      whole.set(header);
    }
    whole.set(bytes, header.length);
    return sha256Hex(whole).slice(0, keyHexDigits);
  };
}

/** @returns a copy of a sample with 0 for each −0; undefined for a sample without one */
export function withoutNegativeZeros(sample: DataOf[SampleDType]): Float32Array | undefined {
  if (!(sample instanceof Float32Array)) return undefined;
  const bits = new Int32Array(sample.buffer, sample.byteOffset, sample.length);
  return bits.includes(-0x8000_0000) ? sample.map((value) => value + 0) : undefined; // −0 + 0 = 0
}

/**
 * @returns the first 8 hex digits of a key as a number, 0 … 2³²-1: a sample's name in random draws
 */
export function keyWord(key: string): number {
  return Number.parseInt(key.slice(0, 8), 16);
}

/**
 * @returns uint32 [length]: `keyWord` of each sample. Hashes the whole set once; keep the result.
 */
export function keyWords(dataset: Pick<Dataset, "length" | "key">): Uint32Array {
  return Uint32Array.from({ length: dataset.length }, (_, index) => keyWord(dataset.key(index)));
}

/**
 * Hash of a whole set.
 *
 *   SHA-256( JSON of {dtype, shape, preprocessing: {scale, offset}, classNames}, "\n",
 *            then "<key> <label>\n" per sample )
 *
 * Name and groups do not enter.
 *
 * @returns 64 hex digits
 */
export function datasetHash(dataset: Omit<Dataset, "hash">): string {
  const { dtype, shape, classNames, labels, length } = dataset;
  const { scale, offset } = dataset.preprocessing;
  const text = new TextEncoder();
  const header = JSON.stringify({ dtype, shape, preprocessing: { scale, offset }, classNames });
  const hash = startSha256();
  let lines = `${header}\n`;
  for (let index = 0; index < length; index++) {
    lines += `${dataset.key(index)} ${labels[index]}\n`;
    if (lines.length < 16_384) continue;
    hash.update(text.encode(lines)); // many at once: a call costs more than a line
    lines = "";
  }
  hash.update(text.encode(lines));
  return hash.hex();
}
