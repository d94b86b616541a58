/** @file A data set that stays on disk: shards are read when samples are asked for. */

import { elementCount, type Tensor } from "../../engine/tensor/index.ts";
import { ConfigError, DataError } from "../../errors/index.ts";
import { datasetHash } from "../content-hash.ts";
import type { Dataset } from "../dataset.ts";
import { readKey } from "../key-bytes.ts";
import { readSafetensors } from "../safetensors.ts";
import type { Store } from "../store.ts";
import { manifestName, parseManifest, type ShardManifest } from "./manifest.ts";
import {
  type CacheUse,
  readShard,
  type ShardCache,
  type ShardSamples,
  shardCache,
} from "./shard-cache.ts";

export interface OpenShardsOptions {
  /**
   * shards whose samples an epoch mixes with one another, ≥ 1; the order of the samples, so the
   * trained bytes, depend on it. Default 8
   */
  readonly window?: number;
  /** limit of the shards in memory; default window + 1 shards. Changes speed only. */
  readonly cacheBytes?: number;
}

export interface ShardedDataset extends Dataset {
  /** what is in memory now */
  readonly cache: () => CacheUse;
}

/**
 * Opens shards as a data set. Labels, groups and keys are in memory (20 bytes a sample and more);
 * samples come from disk as `gather` asks for them, through a cache of bounded size.
 *
 * The set says how an epoch should be shuffled (`shuffle`), so that each shard is read once an
 * epoch.
 *
 * @throws DataError "shards/missing" without a manifest, "shards/manifest", "shards/damaged" for
 *   the index (and, from `gather`, for a shard), naming the file; ConfigError "config/range" for
 *   a window below 1 or a cache smaller than a shard
 * @example
 *   const train = await openShards(await folderStore("digits-shards"));
 */
export async function openShards(
  store: Store,
  options: OpenShardsOptions = {},
): Promise<ShardedDataset> {
  const bytes = await store.read(manifestName);
  if (bytes === undefined) throw noManifest(store);
  const manifest = parseManifest(bytes, `${store.location}/${manifestName}`);
  const { length, shards, samplesPerShard, dtype, shape } = manifest;
  const window = options.window ?? 8;
  const largest = Math.max(...shards.map((shard) => shard.bytes));
  const limitBytes = options.cacheBytes ?? (window + 1) * largest;
  assertOptions(store, { window, limitBytes, largest });
  const index = await readIndex(store, manifest);
  const typeOf = (shard: number) => {
    const count = Math.min(samplesPerShard, length - shard * samplesPerShard);
    return { dtype, shape: [count, ...shape] };
  };
  const cache = shardCache({ store, shards, limitBytes, typeOf });
  const { name, preprocessing, classNames, wholeGroups, localGroups } = manifest;
  const { text, frames } = manifest;
  const body = {
    ...{ name, length, dtype, shape, preprocessing, classNames, ...index },
    ...(wholeGroups && { wholeGroups }),
    ...(localGroups && { localGroups }),
    ...(text && { text }),
    ...(frames && { frames }),
    shuffle: { starts: Int32Array.from(shards, (_, s) => s * samplesPerShard), window },
    gather: gatherFrom(cache, samplesPerShard, elementCount(shape)),
  };
  assertHash(store, manifest, datasetHash(body));
  return { ...body, hash: () => manifest.dataHash, cache: cache.use };
}

/** Rows of a gather that lie in one shard. */
type RowsByShard = ReadonlyMap<number, readonly number[]>;

/**
 * Shards in memory are copied from first, so that reading the others cannot push out one that this
 * very batch still needs. Gathers that read wait for one another.
 */
function gatherFrom(cache: ShardCache, samplesPerShard: number, size: number): Dataset["gather"] {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  const copy = (
    source: ShardSamples,
    rows: readonly number[],
    indices: Int32Array,
    into: ShardSamples,
  ): void => {
    for (const row of rows) {
      const from = (indices[row]! % samplesPerShard) * size;
      into.set(source.subarray(from, from + size), row * size);
    }
  };
  /** @returns the rows whose shards are not in memory */
  const copyHeld = (rows: RowsByShard, indices: Int32Array, into: ShardSamples): RowsByShard => {
    const missing = new Map<number, readonly number[]>();
    for (const [shard, own] of rows) {
      const source = cache.held(shard);
      if (source === undefined) missing.set(shard, own);
      else copy(source, own, indices, into);
    }
    return missing;
  };
  return (indices, into) => {
    const rows = rowsByShard(indices, samplesPerShard);
    const left = waiting === 0 ? copyHeld(rows, indices, into) : rows;
    if (left.size === 0) return undefined;
    waiting += 1;
    const turn = last.then(async () => {
      try {
        for (const [shard, own] of copyHeld(left, indices, into))
          copy(await cache.load(shard), own, indices, into);
      } finally {
        waiting -= 1;
      }
    });
    last = turn.catch(() => undefined); // told to whoever asked
    return turn;
  };
}

function rowsByShard(indices: Int32Array, samplesPerShard: number): RowsByShard {
  const rows = new Map<number, number[]>();
  for (const [row, index] of indices.entries()) {
    const shard = Math.floor(index / samplesPerShard);
    const own = rows.get(shard);
    if (own === undefined) rows.set(shard, [row]);
    else own.push(row);
  }
  return rows;
}

async function readIndex(
  store: Store,
  { index, length, groupNames }: ShardManifest,
): Promise<Pick<Dataset, "labels" | "groups" | "key" | "valueKey">> {
  const where = `${store.location}/${index.name}`;
  const { tensors } = readSafetensors(await readShard(store, index, { isNew: true }), where);
  const tensorOf = <D extends Tensor["dtype"]>(name: string, dtype: D): Tensor<D>["data"] => {
    const found = tensors.get(name);
    if (found?.dtype === dtype && found.shape[0] === length) return found.data as Tensor<D>["data"]; // the dtype says so
    throw new DataError("shards/damaged", {
      where,
      rule: `the index must hold "${name}", ${dtype}, of ${length} samples`,
      got: found === undefined ? "none" : `${found.dtype} [${found.shape.join(", ")}]`,
      fix: "Write the shards again; the index does not belong to this manifest",
      details: { name },
    });
  };
  const keys = tensorOf("keys", "uint8");
  const valueKeys = tensors.has("valueKeys") ? tensorOf("valueKeys", "uint8") : keys;
  const labels = tensorOf("labels", "int32");
  const groups =
    groupNames === null
      ? null
      : Array.from(tensorOf("groups", "uint32"), (group) => groupNames[group] ?? "");
  return {
    labels,
    groups,
    key: (at) => readKey(keys, at),
    valueKey: (at) => readKey(valueKeys, at),
  };
}

function noManifest({ location }: Store): DataError {
  return new DataError("shards/missing", {
    where: location,
    rule: `a folder of shards has a ${manifestName}`,
    got: "none",
    fix: "Name the folder that writeShards wrote, or write the shards again if that was interrupted",
    details: { location },
  });
}

function assertOptions(
  { location }: Store,
  { window, limitBytes, largest }: { window: number; limitBytes: number; largest: number },
): void {
  const isWindow = Number.isInteger(window) && window >= 1;
  if (isWindow && limitBytes >= largest) return;
  throw new ConfigError("config/range", {
    where: location,
    rule: isWindow
      ? `the cache must hold the largest shard (${largest} bytes)`
      : "window must be an integer ≥ 1",
    got: String(isWindow ? limitBytes : window),
    fix: isWindow ? "Ask for a larger cache, or write smaller shards" : "Correct window",
    details: { window, cacheBytes: limitBytes, largestShard: largest },
  });
}

function assertHash({ location }: Store, { dataHash }: ShardManifest, found: string): void {
  if (found === dataHash) return;
  throw new DataError("shards/manifest", {
    where: `${location}/${manifestName}`,
    rule: `labels, keys and classes must have the hash ${dataHash}`,
    got: found,
    fix: "Use the manifest as it was written, or write the shards again",
    details: { dataHash, found },
  });
}
