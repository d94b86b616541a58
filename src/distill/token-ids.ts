/** @file Token ids that are given as numbers are rows of the network's table. */

import type { Dataset } from "../data/index.ts";
import { allocate, elementCount } from "../engine/tensor/index.ts";
import { DataError } from "../errors/index.ts";
import { indexRange } from "./sample-reader.ts";

/** samples that are looked at at once */
const block = 1024;

/**
 * Reads all samples: a lookup with a negative number would silently be one from the table's end.
 *
 * @param vocabulary rows of the network's table; undefined where it reads no ids
 * @throws DataError "data/token" naming the first sample with a number that is no id
 */
export async function assertTokenIds(
  dataset: Dataset,
  vocabulary: number | undefined,
): Promise<void> {
  if (vocabulary === undefined || dataset.text !== undefined) return; // text was numbered here
  const { name, length, dtype, shape, preprocessing } = dataset;
  const { scale, offset } = preprocessing;
  const size = elementCount(shape);
  const samples = allocate(dtype, Math.min(block, length) * size);
  for (let from = 0; from < length; from += block) {
    const count = Math.min(block, length - from);
    await dataset.gather(indexRange(from, from + count), samples);
    for (let at = 0; at < count * size; at++) {
      const id = samples[at]! * scale + offset;
      if (Number.isInteger(id) && id >= 0 && id < vocabulary) continue;
      throw new DataError("data/token", {
        where: `${name}, sample ${from + Math.floor(at / size)}, position ${at % size}`,
        rule: `a token id must be a whole number from 0 to ${vocabulary - 1}, the network's vocabulary`,
        got: String(id),
        fix: "Correct the ids, or give the network a larger vocabulary",
        details: { sample: from + Math.floor(at / size), position: at % size, id, vocabulary },
      });
    }
  }
}
