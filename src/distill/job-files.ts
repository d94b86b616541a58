/**
 * @file What a job keeps in the run folder: checkpoints while it trains, then its model and its
 * result.
 */

import type { Store } from "../data/index.ts";
import { type Step, stepGraph } from "../engine/compile/index.ts";
import { type Graph, printGraph, valuesOf } from "../engine/graph/index.ts";
import { bytesOf } from "../engine/tensor/index.ts";
import type { EpochRecord, Progress } from "../engine/train/index.ts";
import { DataError } from "../errors/index.ts";
import { sha256Hex } from "../hash/index.ts";
import type { Job, JobContext, JobResult } from "./job.ts";
import { weightsHash } from "./start-weights.ts";
import { loadCheckpoint, removeCheckpoints, saveCheckpoint } from "./training/checkpoint.ts";
import { readModel, writeModel } from "./training/model-file.ts";

const recordName = (id: string): string => `jobs/${id}/result.json`;
const modelName = (id: string): string => `jobs/${id}/model.safetensors`;
const checkpointPrefix = (id: string): string => `jobs/${id}/checkpoint/`;

/** result.json */
interface ResultRecord {
  readonly identity: string;
  readonly history: readonly EpochRecord[];
  readonly bestEpoch: number;
  readonly validationAccuracy: number;
}

/**
 * What the job's bytes depend on, as 64 hex digits: settings, data, soft labels, and the training
 * step itself with the user's own loss in it. A job goes on only from files of the same identity.
 */
export function jobIdentity(job: Job, step: Step): string {
  const { id, network, train, validation, training, seed, soft, features, start } = job;
  const { createdBy: _, ...manifest } = soft?.softLabels.manifest ?? { createdBy: "" };
  const graph = stepGraph(step);
  const facts = {
    id,
    network,
    training,
    seed,
    train: [train.hash(), train.labels.join()],
    shuffle: train.shuffle && [train.shuffle.starts.join(), train.shuffle.window],
    validation: [validation.hash(), validation.labels.join()],
    soft: soft && {
      manifest,
      rows: soft.rows.join(),
      spec: soft.spec,
      views: soft.views,
      live: soft.live?.hash,
    },
    features: features?.specs,
    start: start && weightsHash(start),
    step: printGraph(graph),
    tensors: tensorHashes(graph),
  };
  return sha256Hex(new TextEncoder().encode(JSON.stringify(facts, sortedEntries)));
}

/** Of the tensors of which a graph's text shows the first four elements; undefined if none. */
function tensorHashes(graph: Graph): readonly string[] | undefined {
  const hashes = valuesOf(graph).flatMap(({ attrs }) =>
    Object.values(attrs).flatMap((attr) =>
      typeof attr === "object" && "data" in attr && attr.data.length > 4
        ? [sha256Hex(bytesOf(attr.data))]
        : [],
    ),
  );
  return hashes.length === 0 ? undefined : hashes;
}

/** For JSON.stringify: text that does not depend on the order in which someone wrote an object. */
function sortedEntries(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @throws DataError "run/other-settings" if the files are another job's */
function assertSameJob(found: string, expected: string, where: string): void {
  if (found === expected) return;
  throw new DataError("run/other-settings", {
    where,
    rule: "a run goes on only with the data and settings that it was started with",
    got: `files of job ${found.slice(0, 12)} for job ${expected.slice(0, 12)}`,
    fix: "Give the same data and settings again, or another folder",
  });
}

/** @returns what an earlier run finished. @throws DataError "run/other-settings"; as readModel */
export async function readResult(
  job: Job,
  store: Store,
  identity: string,
): Promise<JobResult | undefined> {
  const record = await store.read(recordName(job.id));
  const model = await store.read(modelName(job.id));
  if (record === undefined || model === undefined) return undefined;
  const { history, bestEpoch, validationAccuracy, ...about } = JSON.parse(
    new TextDecoder().decode(record),
  ) as ResultRecord; // written whole by `writeResult`
  const where = `${store.location}/${recordName(job.id)}`;
  assertSameJob(about.identity, identity, where);
  await removeCheckpoints(store, checkpointPrefix(job.id)); // left if a crash came between
  const read = readModel(model, `${store.location}/${modelName(job.id)}`);
  return { id: job.id, model: read, history, bestEpoch, validationAccuracy };
}

/** @returns where training stood. @throws DataError "checkpoint/damaged", "run/other-settings" */
export async function readProgress(
  job: Job,
  store: Store,
  identity: string,
): Promise<Progress | undefined> {
  const prefix = checkpointPrefix(job.id);
  const loaded = await loadCheckpoint(store, prefix);
  if (loaded === undefined) return undefined;
  assertSameJob(loaded.identity, identity, `${store.location}/${prefix}`);
  return loaded.progress;
}

export async function writeProgress(
  job: Job,
  { checkpointExtra, keepCheckpoints }: JobContext,
  store: Store,
  { progress, identity }: { readonly progress: Progress; readonly identity: string },
): Promise<void> {
  await saveCheckpoint(store, checkpointPrefix(job.id), progress, {
    identity,
    extra: checkpointExtra?.() ?? null,
    keep: keepCheckpoints,
  });
}

/**
 * Writes model and result; the result comes last and says that the job is done. Then the
 * checkpoints go.
 */
export async function writeResult(
  store: Store,
  { id, model, ...result }: JobResult,
  identity: string,
): Promise<void> {
  const record: ResultRecord = { identity, ...result };
  await store.write(modelName(id), writeModel(model));
  const text = new TextEncoder().encode(`${JSON.stringify(record, null, 1)}\n`);
  await store.write(recordName(id), text);
  await removeCheckpoints(store, checkpointPrefix(id));
}
