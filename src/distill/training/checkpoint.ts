/**
 * @file Checkpoints: where training stood, in a form that a crash at any moment cannot spoil.
 *
 * State and best weights are files of their own, named by step; `checkpoint.json` points at them
 * and is replaced last, in one step. Files that it no longer points at are removed after that.
 */

import { readSafetensors, type Store, writeSafetensors } from "../../data/index.ts";
import type { EpochRecord, Progress, TrainState } from "../../engine/train/index.ts";
import { DataError } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";

interface FileReference {
  readonly file: string;
  readonly sha256: string;
}

/**
 * checkpoint.json. `identity` says of what it is a checkpoint; `extra` belongs to the caller:
 * lengths of log files.
 */
interface CheckpointFile {
  readonly format: typeof checkpointFormat;
  readonly step: number;
  readonly history: readonly EpochRecord[];
  readonly epochSums: Readonly<Record<string, number>>;
  readonly epochSeconds: number;
  readonly state: FileReference;
  readonly best: (FileReference & { readonly epoch: number; readonly accuracy: number }) | null;
  readonly identity: string;
  readonly extra: unknown;
}

export interface CheckpointOptions {
  /** of what this is a checkpoint: kept and given back; default "" */
  readonly identity?: string | undefined;
  /** what else it must remember; null by default */
  readonly extra?: unknown;
  /** how many states to keep, the newest included; default 1 */
  readonly keep?: number | undefined;
}

const checkpointFormat = "potstill-checkpoint-1";
const pointerName = "checkpoint.json";

/**
 * Writes a checkpoint below `prefix` ("checkpoints/student-1/"); earlier ones stay valid until this
 * one is whole.
 */
export async function saveCheckpoint(
  store: Store,
  prefix: string,
  progress: Progress,
  { identity = "", extra = null, keep = 1 }: CheckpointOptions = {},
): Promise<void> {
  const number = String(progress.step).padStart(9, "0");
  const state = await writeTensors(store, `${prefix}step-${number}.safetensors`, progress.state);
  const { best } = progress;
  const bestFile =
    best &&
    (await writeTensors(store, `${prefix}best-epoch-${best.epoch}.safetensors`, best.weights));
  const file: CheckpointFile = {
    format: checkpointFormat,
    step: progress.step,
    history: progress.history,
    epochSums: progress.epochSums,
    epochSeconds: progress.epochSeconds,
    state,
    best: best && bestFile && { ...bestFile, epoch: best.epoch, accuracy: best.accuracy },
    identity,
    extra,
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(file, null, 1)}\n`);
  await store.write(prefix + pointerName, bytes);
  await removeOlder(store, prefix, [state.file, ...(bestFile ? [bestFile.file] : [])], keep);
}

/**
 * Removes what the pointer does not need. A later step than the pointer's is a leftover of a run
 * that died between the state's file and the pointer: it goes too, and never counts among those to
 * keep.
 */
async function removeOlder(
  store: Store,
  prefix: string,
  used: readonly string[],
  keep: number,
): Promise<void> {
  const steps = await store.list(`${prefix}step-`);
  const earlier = steps.filter((name) => name < used[0]!).toSorted(); // numbers of nine digits sort as text
  const kept = new Set([...used, ...earlier.slice(Math.max(0, earlier.length - (keep - 1)))]);
  for (const name of [...steps, ...(await store.list(`${prefix}best-epoch-`))])
    if (!kept.has(name)) await store.remove(name);
}

async function writeTensors(
  store: Store,
  file: string,
  tensors: TrainState,
): Promise<FileReference> {
  const bytes = writeSafetensors(tensors);
  await store.write(file, bytes);
  return { file, sha256: sha256Hex(bytes) };
}

export interface LoadedCheckpoint {
  readonly progress: Progress;
  readonly identity: string;
  readonly extra: unknown;
}

/**
 * @returns the last whole checkpoint below `prefix`, or undefined if there is none
 * @throws DataError "checkpoint/damaged" if a file that it points at is missing or not as it was
 */
export async function loadCheckpoint(
  store: Store,
  prefix: string,
): Promise<LoadedCheckpoint | undefined> {
  const bytes = await store.read(prefix + pointerName);
  if (bytes === undefined) return undefined;
  const file = parsePointer(bytes, `${store.location}/${prefix}${pointerName}`);
  const { step, history, epochSums, epochSeconds, best } = file;
  const progress: Progress = {
    step,
    history,
    epochSums,
    epochSeconds,
    state: await readTensors(store, file.state),
    best: best && {
      epoch: best.epoch,
      accuracy: best.accuracy,
      weights: await readTensors(store, best),
    },
  };
  return { progress, identity: file.identity, extra: file.extra };
}

/** @throws DataError "checkpoint/damaged" for anything but what saveCheckpoint writes */
function parsePointer(bytes: Uint8Array, where: string): CheckpointFile {
  let file: Partial<CheckpointFile> = {};
  try {
    file = Object(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    // said below, in the file's own terms
  }
  if (file.format !== checkpointFormat) throw damaged(where, "something else");
  return file as CheckpointFile; // written whole by saveCheckpoint, or not at all
}

async function readTensors(
  store: Store,
  { file, sha256: expected }: FileReference,
): Promise<TrainState> {
  const bytes = await store.read(file);
  const where = `${store.location}/${file}`;
  if (bytes === undefined || sha256Hex(bytes) !== expected)
    throw damaged(where, bytes === undefined ? "no such file" : "another checksum");
  return readSafetensors(bytes, where).tensors;
}

function damaged(where: string, got: string): DataError {
  return new DataError("checkpoint/damaged", {
    where,
    rule: "a checkpoint's files must be as they were written",
    got,
    fix: "Start again in another folder, or restore the file",
  });
}

/** Removes all checkpoints below `prefix`. */
export async function removeCheckpoints(store: Store, prefix: string): Promise<void> {
  await store.remove(prefix + pointerName);
  for (const name of await store.list(prefix)) await store.remove(name);
}
