/**
 * @file What a job keeps in its place: checkpoints while it trains, then its model and its result.
 */

import type { Store } from "../data/index.ts";
import { type Step, stepGraph } from "../engine/compile/index.ts";
import type { EpochRecord, Progress } from "../engine/train/index.ts";
import { DataError } from "../errors/index.ts";
import { sha256Hex } from "../hash/index.ts";
import { graphText } from "./graph-text.ts";
import type { Job, JobContext, JobResult } from "./job.ts";
import { prefixStore } from "./prefix-store.ts";
import { weightsHash } from "./start-weights.ts";
import { loadCheckpoint, removeCheckpoints, saveCheckpoint } from "./training/checkpoint.ts";
import { readModel, writeModel } from "./training/model-file.ts";

const recordName = "result.json";
const timingName = "timing.json";
export const modelName = "model.safetensors";
const checkpointPrefix = "checkpoint/";

/** Where a job leaves its result, and what it must find again after a crash; perhaps one place. */
export interface JobPlace {
  readonly result: Pick<Store, "location" | "read" | "write">;
  readonly work: Store;
}

/** @returns the place of a job in a folder of many: `jobs/ID/` */
export function jobPlace(store: Store, id: string): JobPlace {
  const own = prefixStore(store, `jobs/${id}/`);
  return { result: own, work: own };
}

/** result.json: a function of the job. How long its epochs took is in timing.json. */
interface ResultRecord {
  readonly identity: string;
  readonly history: readonly Omit<EpochRecord, "seconds">[];
  readonly bestEpoch: number;
  readonly validationAccuracy: number;
}

/**
 * What the job's bytes depend on, as 64 hex digits: settings, data, soft labels, and the training
 * step itself with the user's own loss in it. A job goes on only from files of the same identity.
 */
export function jobIdentity(job: Job, step: Step): string {
  const { network, train, validation, training, seed, soft, features, start } = job;
  const { createdBy: _, ...manifest } = soft?.softLabels.manifest ?? { createdBy: "" };
  const facts = {
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
    step: graphText({ ...stepGraph(step), name: "step" }), // whatever the job is called
  };
  return sha256Hex(new TextEncoder().encode(JSON.stringify(facts, sortedEntries)));
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
  { result, work }: JobPlace,
  identity: string,
): Promise<JobResult | undefined> {
  const record = await readRecord(result);
  if (record === undefined) return undefined;
  assertSameJob(record.identity, identity, `${result.location}/${recordName}`);
  await removeCheckpoints(work, checkpointPrefix); // left if a crash came between
  return readJobResult(result, job.id);
}

async function readRecord(result: Pick<Store, "read">): Promise<ResultRecord | undefined> {
  const bytes = await result.read(recordName);
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as ResultRecord); // written whole by `writeResult`
}

/**
 * @param id what the job is called now. @returns a finished job's result; undefined for none
 * @throws as readModel
 */
export async function readJobResult(
  result: Pick<Store, "location" | "read">,
  id: string,
): Promise<JobResult | undefined> {
  const record = await readRecord(result);
  const model = await result.read(modelName);
  if (record === undefined || model === undefined) return undefined;
  const { identity: _, history, ...about } = record;
  const timing = await result.read(timingName);
  const seconds = JSON.parse(new TextDecoder().decode(timing ?? encode([]))) as readonly number[];
  return {
    id,
    model: readModel(model, `${result.location}/${modelName}`),
    history: history.map((epoch, at) => ({ ...epoch, seconds: seconds[at] ?? 0 })),
    ...about,
  };
}

/** @returns where training stood. @throws DataError "checkpoint/damaged", "run/other-settings" */
export async function readProgress(
  { work }: JobPlace,
  identity: string,
): Promise<Progress | undefined> {
  const loaded = await loadCheckpoint(work, checkpointPrefix);
  if (loaded === undefined) return undefined;
  assertSameJob(loaded.identity, identity, `${work.location}/${checkpointPrefix}`);
  return loaded.progress;
}

export async function writeProgress(
  { checkpointExtra, keepCheckpoints }: JobContext,
  { work }: JobPlace,
  { progress, identity }: { readonly progress: Progress; readonly identity: string },
): Promise<void> {
  await saveCheckpoint(work, checkpointPrefix, progress, {
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
  { result, work }: JobPlace,
  { id: _, model, history, ...about }: JobResult,
  identity: string,
): Promise<void> {
  const epochs = history.map(({ seconds: __, ...epoch }) => epoch);
  const record: ResultRecord = { identity, ...about, history: epochs };
  await result.write(modelName, writeModel(model));
  await result.write(timingName, encode(history.map(({ seconds }) => seconds)));
  await result.write(recordName, encode(record));
  await removeCheckpoints(work, checkpointPrefix);
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);
}
