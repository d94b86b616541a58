/**
 * @file The built-in digits: the file's layout, without reading it. Made by scripts/make-digits.py
 * from MNIST.
 */

import { unzlibSync } from "fflate";
import { DataError } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import { arrayDataset } from "../array-dataset.ts";
import type { Dataset } from "../dataset.ts";

const trainLength = 10000;
const testLength = 2000;
const side = 14;
const pixels = side * side;
const classNames = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
/** of the file's inflated bytes */
const contentHash = "10f9923ff32ae4d47d45ad160b80313cbb0a0bd4a8efff5fe7dde008843a0316";

/** The built-in digits, MNIST's own training and test sides. */
export interface Digits {
  /** uint8 [10000 samples of [1, 14, 14]] */
  readonly train: Dataset;
  /** uint8 [2000 samples of [1, 14, 14]] */
  readonly test: Dataset;
}

/**
 * Reads the bytes of digits.bin: a zlib stream of labels uint8 [12000], then 4-bit pixels, two to a
 * byte, first in the high half, [12000, 98]. A level v of 0 … 15 becomes the pixel 17 v, 0 … 255.
 *
 * @param where the file's name, for messages
 * @throws DataError "file/checksum" if the bytes are not those that were published
 */
export function parseDigits(bytes: Uint8Array, where: string): Digits {
  const content = inflateVerified(bytes, where);
  const length = trainLength + testLength;
  const images = new Uint8Array(length * pixels);
  for (let pair = 0; pair < images.length / 2; pair++) {
    const byte = content[length + pair]!;
    images[2 * pair] = (byte >> 4) * 17;
    images[2 * pair + 1] = (byte & 15) * 17;
  }
  const datasetOf = (name: string, from: number, to: number): Dataset =>
    arrayDataset({
      name,
      dtype: "uint8",
      shape: [1, side, side],
      data: images.subarray(from * pixels, to * pixels),
      labels: content.subarray(from, to),
      classNames,
    });
  return {
    train: datasetOf("digits/train", 0, trainLength),
    test: datasetOf("digits/test", trainLength, length),
  };
}

function inflateVerified(bytes: Uint8Array, where: string): Uint8Array {
  const damaged = (cause?: unknown): DataError =>
    new DataError("file/checksum", {
      where,
      rule: "the built-in digits must be the published file",
      got: "other bytes (damaged or replaced)",
      fix: "Install the package again",
      details: { file: where, expected: contentHash },
      cause,
    });
  let content: Uint8Array;
  try {
    content = unzlibSync(bytes);
  } catch (error) {
    throw damaged(error);
  }
  if (sha256Hex(content) !== contentHash) throw damaged();
  return content;
}
