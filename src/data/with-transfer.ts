/** @file Labelled samples and, behind them, further ones for the teacher to label. */

import { type DataOf, elementCount, type SampleDType } from "../engine/tensor/index.ts";
import { DataError } from "../errors/index.ts";
import { assertOfOneKind } from "./assert-same-kind.ts";
import type { Recordings } from "./audio/recordings.ts";
import { datasetHash } from "./content-hash.ts";
import { type Dataset, type Samples, UNLABELLED } from "./dataset.ts";
import { valueKeyOf } from "./duplicates.ts";

/**
 * Adds a transfer set to training data: its samples come last and have no class. Nothing is copied.
 *
 * @param transfer samples of the same kind; what labels and words they have is not looked at
 * @throws DataError as assertOfOneKind; "data/groups" where one of the two has groups and the other
 *   none; "data/shards" for samples from shards
 */
export function withTransfer(train: Dataset, transfer: Dataset): Dataset {
  assertOfOneKind(train, transfer, "transfer");
  assertNoShards(train, transfer);
  const { name, classNames } = train;
  const length = train.length + transfer.length;
  const labels = new Int32Array(length).fill(UNLABELLED);
  labels.set(train.labels);
  const recordings = recordingsOf(train, transfer);
  const { teacherInputs: inputs } = train;
  const further = transfer.teacherInputs;
  const body = {
    ...joinedSamples(train, transfer, train.length),
    ...{ name, length, classNames, labels },
    groups: groupsOf(train, transfer),
    ...((train.wholeGroups || transfer.wholeGroups) && { wholeGroups: true }),
    ...(train.localGroups && { localGroups: true }),
    ...(train.splitBySample && { splitBySample: true }),
    ...(recordings && { recordings }),
    ...(inputs && further && { teacherInputs: joinedSamples(inputs, further, train.length) }),
  };
  let hash: string | undefined;
  return { ...body, hash: () => (hash ??= datasetHash(body)) };
}

/** @param length of the first */
function joinedSamples(train: Samples, transfer: Samples, length: number): Samples {
  const { name, dtype, shape, preprocessing, text, frames } = train;
  return {
    ...{ name, dtype, shape, preprocessing },
    ...(text && { text }),
    ...(frames && { frames }),
    gather: gatherOf(train, transfer, length),
    key: (index) => (index < length ? train.key(index) : transfer.key(index - length)),
    valueKey: (index) =>
      index < length ? valueKeyOf(train)(index) : valueKeyOf(transfer)(index - length),
  };
}

/** Neighbours of one part are read together. */
function gatherOf(train: Samples, transfer: Samples, length: number): Samples["gather"] {
  const size = elementCount(train.shape);
  const isFirst = (index: number): boolean => index < length;
  return async (indices: Int32Array, into: DataOf[SampleDType]): Promise<void> => {
    for (let row = 0, end = 1; row < indices.length; row = end++) {
      const first = isFirst(indices[row]!);
      while (end < indices.length && isFirst(indices[end]!) === first) end++;
      const own = indices.subarray(row, end);
      const target = into.subarray(row * size, end * size);
      if (first) await train.gather(own, target);
      else
        await transfer.gather(
          own.map((index) => index - length),
          target,
        );
    }
  };
}

function groupsOf(train: Dataset, transfer: Dataset): readonly string[] | null {
  if (train.groups === null && transfer.groups === null) return null;
  const isLocal = transfer.localGroups === true; // names that mean nothing in another set
  const isMixed = isLocal !== (train.localGroups === true);
  if (train.groups !== null && transfer.groups !== null && !isMixed) {
    const named = (group: string): string => (isLocal ? `transfer/${group}` : group);
    return [...train.groups, ...transfer.groups.map(named)];
  }
  const [without, having] =
    train.groups === null || train.localGroups === true ? [train, transfer] : [transfer, train];
  throw new DataError("data/groups", {
    where: without.name,
    rule: `samples need groups where those of ${having.name} have them`,
    got: without.groups === null ? "none" : "groups that are places in its own file",
    fix: "Give both groups, or neither",
  });
}

/** Recordings are numbered on; what is said in those of the transfer set is not known. */
function recordingsOf(train: Dataset, transfer: Dataset): Recordings | undefined {
  if (train.recordings === undefined || transfer.recordings === undefined) return undefined;
  const { of, words } = train.recordings;
  const count = words?.length ?? of.reduce((most, number) => Math.max(most, number), -1) + 1;
  const further = transfer.recordings.of;
  const joined = new Int32Array(of.length + further.length);
  joined.set(of);
  for (const [at, number] of further.entries()) joined[of.length + at] = count + number;
  const highest = further.reduce((most, number) => Math.max(most, number), -1);
  const unknown = new Array<null>(highest + 1).fill(null);
  return { of: joined, words: words && [...words, ...unknown] };
}

function assertNoShards(train: Dataset, transfer: Dataset): void {
  const isSharded = ({ shuffle, teacherInputs }: Dataset): boolean =>
    (shuffle ?? teacherInputs?.shuffle) !== undefined;
  const sharded = [train, transfer].find(isSharded);
  if (sharded === undefined) return;
  throw new DataError("data/shards", {
    where: sharded.name,
    rule: "samples of shards are read in the order of their shards, so none can be added behind",
    got: "a data set from shards",
    fix: "Write the further samples into the shards, with label -1",
  });
}
