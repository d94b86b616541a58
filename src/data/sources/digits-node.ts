/** @file The built-in digits, read from the package's own assets. */

import { fileURLToPath } from "node:url";
import { type Digits, parseDigits } from "./digits.ts";
import { readFileBytes } from "./read-file-node.ts";

/**
 * The built-in digits: 10000 training and 2000 test images of handwritten digits from MNIST, 14 x
 * 14 pixels of 16 grey levels as uint8 0 … 255, shape [1, 14, 14], classes "0" … "9". Licence:
 * assets/digits/NOTICE.
 *
 * @throws DataError "file/missing" or "file/checksum" if the package is incomplete or damaged
 * @see LeCun, Cortes, Burges, The MNIST database of handwritten digits
 * @example
 *   const { train, test } = await loadDigits();
 */
export async function loadDigits(): Promise<Digits> {
  // src/data/sources and dist/data/sources lie equally deep
  const path = fileURLToPath(new URL("../../../assets/digits/digits.bin", import.meta.url));
  return parseDigits(await readFileBytes(path, "the built-in digits"), path);
}
