/** @file Part of the built-in digits, for tests that train. */

import { type Dataset, subset } from "../../src/data/index.ts";
import { loadDigits } from "../../src/data/sources/index-node.ts";

/** @returns the first samples of both parts */
export async function firstDigits(
  train: number,
  test: number,
): Promise<{ readonly train: Dataset; readonly test: Dataset }> {
  const digits = await loadDigits();
  const first = (data: Dataset, length: number): Dataset =>
    subset(
      data,
      Int32Array.from({ length }, (_, index) => index),
      "first digits",
    );
  return { train: first(digits.train, train), test: first(digits.test, test) };
}
