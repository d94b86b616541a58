export type { ShardFile, ShardHeader, ShardManifest } from "./manifest.ts";
export type { CacheUse } from "./shard-cache.ts";
export {
  openShardWriter,
  type ShardBatch,
  type ShardWriter,
  type ShardWriterOptions,
  type WriteShardsOptions,
  writeShards,
} from "./shard-writer.ts";
export { type OpenShardsOptions, openShards, type ShardedDataset } from "./sharded-dataset.ts";
