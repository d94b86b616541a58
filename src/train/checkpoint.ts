/**
 * @file Checkpoints: where training stood, in a form that a crash at any moment cannot spoil.
 *
 * State and best weights are files of their own, named by step; `checkpoint.json` points at them and is replaced last,
 * in one step. Files that it no longer points at are removed after that.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { readSafetensors, type Store, writeSafetensors } from "../data/index.ts";
import { DataError } from "../errors/index.ts";
import type { EpochRecord } from "./events.ts";
import type { TrainState } from "./step-runner.ts";

/** The best epoch so far, by validation accuracy. */
export interface BestEpoch {
  readonly epoch: number;
  readonly accuracy: number;
  /** parameters and statistics */
  readonly weights: TrainState;
}

/** Everything that training needs to go on as if it had never stopped. */
export interface Progress {
  /** steps done */
  readonly step: number;
  /** finished epochs */
  readonly history: readonly EpochRecord[];
  /** sums of each metric over the steps done in the current epoch */
  readonly epochSums: Readonly<Record<string, number>>;
  readonly best: BestEpoch | null;
  readonly state: TrainState;
}

interface FileReference {
  readonly file: string;
  readonly sha256: string;
}

/** checkpoint.json. `extra` belongs to the caller: lengths of log files, the job's name. */
interface CheckpointFile {
  readonly format: "potstill-checkpoint-1";
  readonly step: number;
  readonly history: readonly EpochRecord[];
  readonly epochSums: Readonly<Record<string, number>>;
  readonly state: FileReference;
  readonly best: (FileReference & { readonly epoch: number; readonly accuracy: number }) | null;
  readonly extra: unknown;
}

const pointerName = "checkpoint.json";

/** Writes a checkpoint below `prefix` ("checkpoints/student-1/"); earlier ones stay valid until this one is whole. */
export async function saveCheckpoint(
  store: Store,
  prefix: string,
  progress: Progress,
  { extra = null, keep = 1 }: { readonly extra?: unknown; readonly keep?: number } = {},
): Promise<void> {
  const number = String(progress.step).padStart(9, "0");
  const state = await writeTensors(store, `${prefix}step-${number}.safetensors`, progress.state);
  const { best } = progress;
  const bestFile =
    best &&
    (await writeTensors(store, `${prefix}best-epoch-${best.epoch}.safetensors`, best.weights));
  const file: CheckpointFile = {
    format: "potstill-checkpoint-1",
    step: progress.step,
    history: progress.history,
    epochSums: progress.epochSums,
    state,
    best: best && bestFile && { ...bestFile, epoch: best.epoch, accuracy: best.accuracy },
    extra,
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(file, null, 1)}\n`);
  await store.write(prefix + pointerName, bytes);
  const steps = (await store.list(`${prefix}step-`)).toSorted();
  const bests = (await store.list(`${prefix}best-epoch-`)).filter(
    (name) => name !== bestFile?.file,
  );
  for (const name of [...steps.slice(0, Math.max(0, steps.length - keep)), ...bests])
    await store.remove(name);
}

async function writeTensors(
  store: Store,
  file: string,
  tensors: TrainState,
): Promise<FileReference> {
  const bytes = writeSafetensors(tensors);
  await store.write(file, bytes);
  return { file, sha256: bytesToHex(sha256(bytes)) };
}

/**
 * @returns the last whole checkpoint below `prefix`, or undefined if there is none
 * @throws DataError "checkpoint/damaged" if a file that it points at is missing or not as it was
 */
export async function loadCheckpoint(
  store: Store,
  prefix: string,
): Promise<{ readonly progress: Progress; readonly extra: unknown } | undefined> {
  const bytes = await store.read(prefix + pointerName);
  if (bytes === undefined) return undefined;
  const file = JSON.parse(new TextDecoder().decode(bytes)) as CheckpointFile; // written whole by saveCheckpoint, or not at all
  const { step, history, epochSums, best } = file;
  const progress: Progress = {
    step,
    history,
    epochSums,
    state: await readTensors(store, file.state),
    best: best && {
      epoch: best.epoch,
      accuracy: best.accuracy,
      weights: await readTensors(store, best),
    },
  };
  return { progress, extra: file.extra };
}

async function readTensors(
  store: Store,
  { file, sha256: expected }: FileReference,
): Promise<TrainState> {
  const bytes = await store.read(file);
  const where = `${store.location}/${file}`;
  if (bytes === undefined || bytesToHex(sha256(bytes)) !== expected)
    throw new DataError("checkpoint/damaged", {
      where,
      rule: "a checkpoint's files must be as they were written",
      got: bytes === undefined ? "no such file" : "another checksum",
      fix: "Start the run again without --resume",
    });
  return readSafetensors(bytes, where).tensors;
}

/** Removes all checkpoints below `prefix`. */
export async function removeCheckpoints(store: Store, prefix: string): Promise<void> {
  await store.remove(prefix + pointerName);
  for (const name of await store.list(prefix)) await store.remove(name);
}
