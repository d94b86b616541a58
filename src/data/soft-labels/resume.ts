/** @file What an earlier, perhaps interrupted, labelling has left in a store. */

import { DataError } from "../../errors/index.ts";
import type { Store } from "../store.ts";
import type { SoftLabelPlan, SoftLabelShard } from "./manifest.ts";
import { manifestName, parseManifest, parseProgress, progressName } from "./manifest-file.ts";
import { readShardBytes } from "./shard-bytes.ts";

/** What an earlier start has left. */
export interface Written {
  /** goes on as it is: what a job is trained from is known by it */
  readonly plan: SoftLabelPlan;
  readonly shards: readonly SoftLabelShard[];
}

/**
 * @returns the shards already written, each verified; undefined if the store holds no package
 * @throws DataError "package/header-differs", "package/damaged-shard", "package/manifest",
 *   "package/version"
 */
export async function findWritten(store: Store, plan: SoftLabelPlan): Promise<Written | undefined> {
  const found = await readEarlier(store);
  if (found === undefined) return undefined;
  const field = firstDifference(sayingAsMuch(plan, found.plan), found.plan, "");
  if (field !== undefined)
    throw new DataError("package/header-differs", {
      where: `soft labels in ${store.location}`,
      rule: `labelling goes on only with the same settings, and ${field.path} is not the same`,
      got: `${field.here}, was ${field.there}`,
      fix: "Use the earlier settings, or another folder",
      details: { ...field },
    });
  for (const shard of found.shards) await readShardBytes(store, shard);
  return found;
}

async function readEarlier(store: Store): Promise<Written | undefined> {
  const finished = await store.read(manifestName);
  if (finished !== undefined) {
    const where = `${store.location}/${manifestName}`;
    const { format, version, classCount, shards, ...plan } = parseManifest(finished, where);
    return { plan, shards };
  }
  const progress = await store.read(progressName);
  if (progress === undefined) return undefined;
  return parseProgress(progress, `${store.location}/${progressName}`);
}

interface Difference {
  readonly path: string;
  readonly here: string;
  readonly there: string;
}

/** Without what packages of before did not say of their samples, which their hash is of. */
function sayingAsMuch(plan: SoftLabelPlan, { text, frames }: SoftLabelPlan): object {
  const { text: own, frames: ownFrames, ...rest } = plan;
  return {
    ...rest,
    ...(text !== undefined && own && { text: own }),
    ...(frames !== undefined && ownFrames && { frames: ownFrames }),
  };
}

/** @returns the first place where two plain values differ; names may come in any order */
function firstDifference(here: unknown, there: unknown, path: string): Difference | undefined {
  if (!isObject(here) || !isObject(there) || Array.isArray(here) !== Array.isArray(there))
    return here === there
      ? undefined
      : { path, here: JSON.stringify(here), there: JSON.stringify(there) };
  for (const name of new Set([...Object.keys(here), ...Object.keys(there)])) {
    const inner = path === "" ? name : `${path}.${name}`;
    const difference = firstDifference(here[name], there[name], inner);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
