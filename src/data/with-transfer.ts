/** @file Labelled samples and, behind them, further ones for the teacher to label. */

import { DataError } from "../errors/index.ts";
import { allocate, elementCount } from "../tensor/index.ts";
import { arrayDataset } from "./array-dataset.ts";
import { type Dataset, UNLABELLED } from "./dataset.ts";
import { assertOfOneKind } from "./one-kind.ts";

/**
 * Adds a transfer set to training data: its samples come last and have no class. Both are copied.
 *
 * @param transfer samples of the same kind; what labels they have are not looked at
 * @throws DataError as assertOfOneKind; "data/groups" where one of the two has groups and the other
 *   none
 */
export async function withTransfer(train: Dataset, transfer: Dataset): Promise<Dataset> {
  assertOfOneKind(train, transfer, "transfer");
  const { name, dtype, shape, preprocessing, classNames, text } = train;
  const length = train.length + transfer.length;
  const size = elementCount(shape);
  const data = allocate(dtype, length * size);
  await train.gather(everyIndex(train), data);
  await transfer.gather(everyIndex(transfer), data.subarray(train.length * size));
  const labels = new Int32Array(length).fill(UNLABELLED);
  labels.set(train.labels);
  const groups = groupsOf(train, transfer);
  return arrayDataset({
    ...{ name, dtype, shape, data, labels, preprocessing, classNames, text, groups },
  });
}

function everyIndex({ length }: Dataset): Int32Array {
  return Int32Array.from({ length }, (_, index) => index);
}

function groupsOf(train: Dataset, transfer: Dataset): readonly string[] | null {
  if (train.groups === null && transfer.groups === null) return null;
  if (train.groups !== null && transfer.groups !== null)
    return [...train.groups, ...transfer.groups];
  const [without, having] = train.groups === null ? [train, transfer] : [transfer, train];
  throw new DataError("data/groups", {
    where: without.name,
    rule: `samples need groups where those of ${having.name} have them`,
    got: "none",
    fix: "Give both groups, or neither",
  });
}
