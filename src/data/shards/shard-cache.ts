/** @file Shards in memory: the ones used last, never more bytes than a limit. */

import type { SampleDType } from "../../engine/tensor/index.ts";
import { type DataOf, type Shape, sameShape } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import { readSafetensors } from "../safetensors.ts";
import type { Store } from "../store.ts";
import type { ShardFile } from "./manifest.ts";

/** What a cache holds and has done. */
export interface CacheUse {
  readonly limitBytes: number;
  /** now, a shard being read included */
  readonly heldBytes: number;
  /** largest heldBytes so far */
  readonly peakBytes: number;
  /** files read so far */
  readonly reads: number;
}

export type ShardSamples = DataOf[SampleDType];

interface Held {
  readonly samples: ShardSamples;
  /** the file, in which the samples are */
  readonly bytes: Uint8Array;
}

export interface ShardCache {
  /** @returns a shard that is in memory; it becomes the one used last */
  readonly held: (shard: number) => ShardSamples | undefined;
  /** Reads a shard; the ones used longest ago make room first. One call at a time. */
  readonly load: (shard: number) => Promise<ShardSamples>;
  readonly use: () => CacheUse;
}

interface ShardCacheOptions {
  readonly store: Store;
  readonly shards: readonly ShardFile[];
  readonly limitBytes: number;
  /** what shard s must hold */
  readonly typeOf: (shard: number) => { readonly dtype: SampleDType; readonly shape: Shape };
}

/** @param options.limitBytes at least the largest shard */
export function shardCache({ store, shards, limitBytes, typeOf }: ShardCacheOptions): ShardCache {
  const held = new Map<number, Held>(); // in the order of last use
  const verified = new Set<number>();
  let heldBytes = 0;
  let peakBytes = 0;
  let reads = 0;
  const load = async (shard: number): Promise<ShardSamples> => {
    const file = shards[shard]!; // the caller's number
    let left: Uint8Array | undefined; // read into again: new memory makes work for the collector
    for (const [old, { bytes }] of held) {
      if (heldBytes + file.bytes <= limitBytes) break;
      held.delete(old);
      heldBytes -= bytes.length;
      left = bytes.length === file.bytes ? bytes : undefined;
    }
    heldBytes += file.bytes;
    peakBytes = Math.max(peakBytes, heldBytes);
    try {
      reads += 1;
      const bytes = await readShard(store, file, { isNew: !verified.has(shard), into: left });
      verified.add(shard);
      const samples = samplesOf(bytes, `${store.location}/${file.name}`, typeOf(shard));
      held.set(shard, { samples, bytes });
      return samples;
    } catch (error) {
      heldBytes -= file.bytes;
      throw error;
    }
  };
  return {
    held: (shard) => {
      const found = held.get(shard);
      if (found === undefined) return undefined;
      held.delete(shard);
      held.set(shard, found);
      return found.samples;
    },
    load,
    use: () => ({ limitBytes, heldBytes, peakBytes, reads }),
  };
}

/**
 * @param how.isNew compare the checksum too, which is done the first time a file is read
 * @param how.into as `Store.read` has it
 * @throws DataError "shards/damaged" if the file is missing or not as it was written
 */
export async function readShard(
  store: Store,
  file: ShardFile,
  { isNew, into }: { readonly isNew: boolean; readonly into?: Uint8Array | undefined },
): Promise<Uint8Array> {
  const bytes = await store.read(file.name, into);
  const damaged = (rule: string, got: string): DataError =>
    new DataError("shards/damaged", {
      where: `${store.location}/${file.name}`,
      rule,
      got,
      fix: "Copy the file again from where the shards were written, or write them again",
      details: { file: file.name },
    });
  if (bytes === undefined) throw damaged("the manifest lists this file", "no such file");
  if (bytes.length !== file.bytes)
    throw damaged(`the file must have ${file.bytes} bytes`, `${bytes.length}`);
  const hash = isNew ? sha256Hex(bytes) : file.sha256;
  if (hash !== file.sha256) throw damaged(`its SHA-256 must be ${file.sha256}`, hash);
  return bytes;
}

function samplesOf(
  bytes: Uint8Array,
  where: string,
  { dtype, shape }: { readonly dtype: SampleDType; readonly shape: Shape },
): ShardSamples {
  const samples = readSafetensors(bytes, where).tensors.get("samples");
  if (samples?.dtype === dtype && sameShape(samples.shape, shape))
    return samples.data as ShardSamples; // of this dtype
  throw new DataError("shards/damaged", {
    where,
    rule: `a shard must hold "samples", ${dtype} [${shape.join(", ")}]`,
    got: samples === undefined ? "none" : `${samples.dtype} [${samples.shape.join(", ")}]`,
    fix: "Write the shards again; this one does not belong to this manifest",
    details: {},
  });
}
