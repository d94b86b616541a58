/** @file Reads a shard's bytes and checks that they are the ones that were written. */

import { DataError } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import type { Store } from "../store.ts";
import type { SoftLabelShard } from "./manifest.ts";

/**
 * @throws DataError "package/damaged-shard" if the file is missing, too long or short, or changed
 */
export async function readShardBytes(store: Store, shard: SoftLabelShard): Promise<Uint8Array> {
  const bytes = await store.read(shard.name);
  const damaged = (rule: string, got: string): DataError =>
    new DataError("package/damaged-shard", {
      where: `${store.location}/${shard.name}`,
      rule,
      got,
      fix: "Copy the shard again from where the package was made, or delete the package and label again",
      details: { shard: shard.name },
    });
  if (bytes === undefined) throw damaged("the manifest lists this shard", "no such file");
  if (bytes.length !== shard.bytes)
    throw damaged(`the shard must have ${shard.bytes} bytes`, `${bytes.length}`);
  const hash = sha256Hex(bytes);
  if (hash !== shard.sha256) throw damaged(`its SHA-256 must be ${shard.sha256}`, hash);
  return bytes;
}
