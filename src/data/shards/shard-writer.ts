/** @file Writes samples into shards on disk, one shard in memory at a time. */

import {
  allocate,
  type DataOf,
  dtypeBytes,
  elementCount,
  permutation,
  type SampleDType,
  sampleDType,
  type Tensor,
} from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import { datasetHash, sampleHasher, withoutNegativeZeros } from "../content-hash.ts";
import { type Dataset, UNLABELLED } from "../dataset.ts";
import { KEY_BYTES, writeKey } from "../key-bytes.ts";
import { writeSafetensors } from "../safetensors.ts";
import type { Store } from "../store.ts";
import {
  headerOf,
  indexName,
  manifestBytes,
  manifestName,
  type ShardFile,
  type ShardHeader,
  type ShardManifest,
  shardName,
} from "./manifest.ts";

/** Samples that follow one another. */
export interface ShardBatch {
  /** [n, ...shape] in the header's dtype */
  readonly data: DataOf[SampleDType];
  /** class index of each, or UNLABELLED */
  readonly labels: ArrayLike<number>;
  /** of each sample; in all batches or in none */
  readonly groups?: readonly string[] | null;
}

export interface ShardWriterOptions {
  /** about the size of a shard; default 16 MiB. A shard holds one sample at least. */
  readonly shardBytes?: number;
}

export interface ShardWriter {
  readonly add: (batch: ShardBatch) => Promise<void>;
  /** writes the rest, the index, and last the manifest: without it the folder is not a data set */
  readonly close: () => Promise<ShardManifest>;
}

const defaultShardBytes = 16 * 2 ** 20;

/**
 * Starts a folder of shards. A shard is written once it is full, so data larger than memory pass
 * through.
 *
 * @throws DataError "shards/header"; "shards/exists" if the store holds a data set already; `add`:
 *   "data/length", "data/label", "data/not-finite"; `close`: "data/empty"
 */
export async function openShardWriter(
  store: Store,
  given: ShardHeader,
  options: ShardWriterOptions = {},
): Promise<ShardWriter> {
  const header = headerOf(given);
  if ((await store.read(manifestName)) !== undefined) throw alreadyThere(store);
  const { dtype, shape } = header;
  const size = elementCount(shape);
  const samplesPerShard = samplesInShard(header, options.shardBytes ?? defaultShardBytes);
  const buffer = allocate(dtype, samplesPerShard * size);
  const hasher = sampleHasher(dtype, shape);
  const keys: string[] = [];
  const valueKeys: string[] = [];
  const labels: number[] = [];
  const groups: string[] = [];
  const shards: ShardFile[] = [];
  let buffered = 0;

  const flush = async (): Promise<void> => {
    const data = buffer.subarray(0, buffered * size);
    const samples = { dtype, shape: [buffered, ...shape], data } as Tensor; // allocated as this dtype
    shards.push(await writeFile(store, shardName(shards.length), { samples }));
    buffered = 0;
  };
  const add = async (batch: ShardBatch): Promise<void> => {
    assertBatch(batch, header, { hasGroups: groups.length > 0, first: labels.length });
    for (let row = 0; row < batch.labels.length; row++) {
      const sample = batch.data.subarray(row * size, (row + 1) * size);
      buffer.set(sample, buffered * size);
      const key = hasher(sample as DataOf[typeof dtype]); // assertBatch has compared the dtypes
      const plain = withoutNegativeZeros(sample) as DataOf[typeof dtype] | undefined;
      keys.push(key);
      valueKeys.push(plain === undefined ? key : hasher(plain));
      labels.push(batch.labels[row]!);
      if (batch.groups) groups.push(batch.groups[row]!);
      if (++buffered === samplesPerShard) await flush();
    }
  };
  const close = async (): Promise<ShardManifest> => {
    if (labels.length === 0) throw empty(header.name);
    if (buffered > 0) await flush();
    const groupNames = groups.length === 0 ? null : [...new Set(groups)];
    const index = await writeFile(
      store,
      indexName,
      indexTensors({ keys, valueKeys, labels, groups, groupNames }),
    );
    const length = labels.length;
    const hashed = { ...header, length, labels: Int32Array.from(labels), groups: null };
    const key = (at: number): string => keys[at]!; // datasetHash asks 0 … length - 1
    const dataHash = datasetHash({ ...hashed, key, gather: () => undefined });
    const files = { groupNames, samplesPerShard, index, shards };
    const format = { format: "potstill-data", version: 1 } as const;
    const manifest: ShardManifest = { ...format, ...header, length, dataHash, ...files };
    await store.write(manifestName, manifestBytes(manifest));
    return manifest;
  };
  return { add, close };
}

export interface WriteShardsOptions extends ShardWriterOptions {
  /**
   * write the samples in the order permutation(length, seed, "shards"), for data that are sorted
   * by class or source; default: in their own order
   */
  readonly shuffleSeed?: number;
}

/**
 * Writes a data set as shards; one shard of it is in memory at a time.
 *
 * @throws as openShardWriter; DataError "data/pairs" for samples with teacher inputs
 * @example
 *   await writeShards(dataset, await folderStore("digits-shards"), { shuffleSeed: 1 });
 */
export async function writeShards(
  dataset: Dataset,
  store: Store,
  options: WriteShardsOptions = {},
): Promise<ShardManifest> {
  const { name, dtype, shape, preprocessing, classNames, length, labels, groups } = dataset;
  const { text, frames, teacherInputs } = dataset;
  if (teacherInputs !== undefined) throw oneOfTwo(name, teacherInputs.name);
  const header = {
    ...{ name, dtype, shape, preprocessing, classNames },
    wholeGroups: dataset.wholeGroups === true,
    ...(dataset.localGroups === true && { localGroups: true }),
    ...(text && { text }),
    ...(frames && { frames }),
  };
  const writer = await openShardWriter(store, header, options);
  const { shuffleSeed } = options;
  const order =
    shuffleSeed === undefined
      ? Int32Array.from({ length }, (_, at) => at)
      : permutation(length, shuffleSeed, "shards");
  const step = samplesInShard(header, options.shardBytes ?? defaultShardBytes);
  for (let from = 0; from < length; from += step) {
    const chosen = order.subarray(from, from + step);
    const data = allocate(dtype, chosen.length * elementCount(shape));
    await dataset.gather(chosen, data);
    await writer.add({
      data,
      labels: Array.from(chosen, (at) => labels[at]!),
      groups: groups && Array.from(chosen, (at) => groups[at]!),
    });
  }
  return writer.close();
}

function oneOfTwo(name: string, inputs: string): DataError {
  return new DataError("data/pairs", {
    where: `shards of ${name}`,
    rule: "shards hold one input of each sample",
    got: `samples with the teacher inputs ${inputs}`,
    fix: "Write both data sets before they are paired, each into a folder, in the same order",
  });
}

function samplesInShard({ dtype, shape }: ShardHeader, shardBytes: number): number {
  return Math.max(1, Math.floor(shardBytes / (elementCount(shape) * dtypeBytes(dtype))));
}

async function writeFile(
  store: Store,
  name: string,
  tensors: Readonly<Record<string, Tensor>>,
): Promise<ShardFile> {
  const bytes = writeSafetensors(tensors);
  await store.write(name, bytes);
  return { name, sha256: sha256Hex(bytes), bytes: bytes.length };
}

interface Index {
  readonly keys: readonly string[];
  readonly valueKeys: readonly string[];
  readonly labels: readonly number[];
  readonly groups: readonly string[];
  readonly groupNames: readonly string[] | null;
}

function keyTensor(keys: readonly string[]): Tensor {
  const data = new Uint8Array(keys.length * KEY_BYTES);
  for (const [at, key] of keys.entries()) writeKey(key, data, at);
  return { dtype: "uint8", shape: [keys.length, KEY_BYTES], data };
}

function indexTensors(index: Index): Readonly<Record<string, Tensor>> {
  const { keys, valueKeys, labels, groups, groupNames } = index;
  const length = labels.length;
  const hasNegativeZeros = valueKeys.some((key, at) => key !== keys[at]);
  const numbers = new Map(groupNames?.map((name, at) => [name, at]));
  return {
    keys: keyTensor(keys),
    ...(hasNegativeZeros && { valueKeys: keyTensor(valueKeys) }),
    labels: { dtype: "int32", shape: [length], data: Int32Array.from(labels) },
    ...(groupNames !== null && {
      groups: {
        dtype: "uint32",
        shape: [length],
        data: Uint32Array.from(groups, (name) => numbers.get(name)!), // made of these names
      },
    }),
  };
}

function assertBatch(
  { data, labels, groups }: ShardBatch,
  { name, dtype, shape, classNames }: ShardHeader,
  { hasGroups, first }: { readonly hasGroups: boolean; readonly first: number },
): void {
  const where = `shards of ${name}, samples from ${first}`;
  const fail = (code: string, rule: string, got: string, fix: string): never => {
    throw new DataError(code, { where, rule, got, fix, details: { first } });
  };
  const size = elementCount(shape);
  const found = sampleDType(data);
  if (found !== dtype || data.length !== labels.length * size)
    fail(
      "data/length",
      `${labels.length} samples must be ${labels.length * size} ${dtype} elements`,
      `${data.length} ${found}`,
      "Pass whole samples of the header's dtype and shape",
    );
  const withGroups = groups !== undefined && groups !== null;
  const isConsistent = first === 0 || withGroups === hasGroups;
  if (labels.length > 0 && (!isConsistent || (withGroups && groups.length !== labels.length)))
    fail(
      "data/length",
      "every sample must have a group, or none",
      `${groups?.length ?? 0} groups for ${labels.length} samples`,
      "Pass groups in all batches or in none",
    );
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (!Number.isInteger(label) || label < UNLABELLED || label >= classNames.length)
      fail(
        "data/label",
        `labels must be 0 … ${classNames.length - 1}, or ${UNLABELLED} for unlabelled`,
        `${label} for sample ${first + row}`,
        "Correct the label, or name every class",
      );
  }
  const bad = data instanceof Float32Array ? data.findIndex((v) => !Number.isFinite(v)) : -1;
  if (bad !== -1)
    fail(
      "data/not-finite",
      "every value must be a finite number",
      `${data[bad]} in sample ${first + Math.floor(bad / size)}`,
      "Remove the sample, or replace the value",
    );
}

function alreadyThere({ location }: Store): DataError {
  return new DataError("shards/exists", {
    where: location,
    rule: "shards are written into a folder without any",
    got: `a ${manifestName}`,
    fix: "Choose another folder, or remove this one first",
    details: { location },
  });
}

function empty(name: string): DataError {
  return new DataError("data/empty", {
    where: `shards of ${name}`,
    rule: "a data set needs at least one sample",
    got: "none",
    fix: "Add samples before close",
    details: {},
  });
}
