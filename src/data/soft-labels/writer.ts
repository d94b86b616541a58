/**
 * @file Writes a soft-label package, shard by shard, so that labelling can stop anywhere and go on
 * later.
 *
 * Order of writing, from the first samples on: progress.json, then for each shard the shard file
 * and progress.json again, then manifest.json; last, progress.json is removed. Every step replaces
 * one file at once. A shard that is not in progress.json is written again, with the same bytes.
 */

import { elementCount } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import { writeKey } from "../key-bytes.ts";
import { writeSafetensors } from "../safetensors.ts";
import type { Store } from "../store.ts";
import { countCorrect, type TeacherCounts } from "./accuracy.ts";
import { assertBatch, type SoftLabelBatch } from "./batch.ts";
import type {
  SoftLabelHeader,
  SoftLabelManifest,
  SoftLabelPlan,
  SoftLabelShard,
} from "./manifest.ts";
import { jsonBytes, makeManifest, makePlan, manifestName, progressName } from "./manifest-file.ts";
import { packRows } from "./packed-logits.ts";
import { findWritten } from "./resume.ts";
import { allocateSamples, type SampleArrays, shardTensors } from "./sample-arrays.ts";
import { logitCount } from "./teacher-classes.ts";

/** A package being written. Calls must not overlap: await each. */
export interface SoftLabelWriter {
  /** samples that were already written when the writer was opened: label from this one on */
  readonly done: number;
  /**
   * Adds the next samples, in the data's order.
   *
   * @throws DataError "package/batch", "package/non-finite", "package/logit-range", "data/label",
   *   "package/too-many", "package/writer-state"; "file/..." from the store, after which the writer
   *   must be opened again
   */
  readonly add: (batch: SoftLabelBatch) => Promise<void>;
  /**
   * Writes the manifest; the package is complete.
   *
   * @throws DataError "package/incomplete" if samples are missing; "file/..." from the store
   */
  readonly close: () => Promise<SoftLabelManifest>;
}

/** Choices that do not change what is stored, only how it is cut. */
export interface SoftLabelWriterOptions {
  /** at most so many samples are lost and labelled again after an interruption; default 4096 */
  readonly samplesPerShard?: number;
}

/**
 * Starts a package, or goes on with an interrupted one. The bytes are a function of header, shard
 * size and samples alone: they do not depend on the number and size of batches, nor on
 * interruptions.
 *
 * @param store empty, or holding an earlier start of the same package
 * @throws DataError "package/manifest" for a wrong header; "package/header-differs" if the store
 *   holds a package with another header; "package/damaged-shard" if a shard written earlier is not
 *   as it was
 */
export async function openSoftLabelWriter(
  store: Store,
  header: SoftLabelHeader,
  { samplesPerShard = 4096 }: SoftLabelWriterOptions = {},
): Promise<SoftLabelWriter> {
  const wanted = makePlan(header, samplesPerShard);
  const found = await findWritten(store, wanted);
  const { plan } = found ?? { plan: wanted };
  const shards = [...(found?.shards ?? [])];
  const done = shards.reduce((total, { samples }) => total + samples, 0);
  const buffer = allocateSamples(plan, Math.min(samplesPerShard, plan.sampleCount - done));
  const groupNumbers = new Map(plan.groups?.names.map((name, number) => [name, number]));
  let written = done;
  let buffered = 0;
  let counts: TeacherCounts = { labelled: 0, correct: 0 };
  let state: WriterState = "ready";

  const flush = async (): Promise<void> => {
    const shard = { index: shards.length, count: buffered, counts };
    shards.push(await writeShard(store, plan, buffer, shard));
    await writeProgress(store, plan, shards);
    written += buffered;
    buffered = 0;
    counts = { labelled: 0, correct: 0 };
  };

  const add = async (batch: SoftLabelBatch): Promise<void> => {
    assertReady(store, state);
    assertBatch(batch, plan, { first: written + buffered, groupNumbers });
    state = "failed";
    if (written + buffered === 0) await writeProgress(store, plan, []);
    for (let from = 0; from < batch.keys.length; ) {
      const room = Math.min(samplesPerShard, plan.sampleCount - written) - buffered;
      const count = Math.min(room, batch.keys.length - from);
      copySamples(batch, from, count, { plan, groupNumbers, buffer, at: buffered });
      counts = countCorrect(batch, { from, count }, plan, counts);
      from += count;
      buffered += count;
      if (count === room) await flush();
    }
    state = "ready";
  };

  const close = async (): Promise<SoftLabelManifest> => {
    assertReady(store, state);
    if (written < plan.sampleCount) throw incomplete(store, plan, written + buffered);
    state = "closed";
    const manifest = makeManifest(plan, shards);
    await store.write(manifestName, jsonBytes(manifest));
    if ((await store.read(progressName)) !== undefined) await store.remove(progressName);
    return manifest;
  };

  return { done, add, close };
}

type WriterState = "ready" | "failed" | "closed";

function assertReady(store: Store, state: WriterState): void {
  if (state === "ready") return;
  throw new DataError("package/writer-state", {
    where: `soft labels in ${store.location}`,
    rule:
      state === "closed"
        ? "nothing can be added to a closed package"
        : "the call before this one has not ended, or failed",
    fix: "Await each call; after a failure open the writer again, it goes on where it stopped",
  });
}

function incomplete(store: Store, plan: SoftLabelPlan, got: number): DataError {
  return new DataError("package/incomplete", {
    where: `soft labels in ${store.location}`,
    rule: `the package is complete with ${plan.sampleCount} samples`,
    got: `${got}`,
    fix: "Add the missing samples before closing",
    details: { expected: plan.sampleCount, got },
  });
}

interface Place {
  readonly plan: SoftLabelPlan;
  readonly groupNumbers: ReadonlyMap<string, number>;
  readonly buffer: SampleArrays;
  readonly at: number;
}

/** Copies samples of the batch into the buffer, at the package's precision. */
function copySamples(batch: SoftLabelBatch, from: number, count: number, to: Place): void {
  const { plan, groupNumbers, buffer, at } = to;
  for (let i = 0; i < count; i++) writeKey(batch.keys[from + i]!, buffer.keys, at + i);
  buffer.labels.set(batch.labels.subarray(from, from + count), at);
  const rows = plan.views.count * plan.members.length;
  const numbers = rows * logitCount(plan);
  packRows(
    buffer.logits,
    at * rows,
    batch.logits.subarray(from * numbers, (from + count) * numbers),
  );
  const groups = batch.groups?.slice(from, from + count) ?? [];
  for (const [i, group] of groups.entries()) buffer.groups![at + i] = groupNumbers.get(group)!; // assertBatch has looked
  if (buffer.inputs === null || batch.inputs === undefined) return;
  const size = elementCount(plan.sample.shape);
  buffer.inputs.set(batch.inputs.subarray(from * size, (from + count) * size), at * size);
}

interface ShardFacts {
  readonly index: number;
  readonly count: number;
  readonly counts: TeacherCounts;
}

async function writeShard(
  store: Store,
  plan: SoftLabelPlan,
  buffer: SampleArrays,
  { index, count, counts }: ShardFacts,
): Promise<SoftLabelShard> {
  const bytes = writeSafetensors(shardTensors(buffer, plan, 0, count));
  const name = `shards/${String(index).padStart(5, "0")}.safetensors`;
  await store.write(name, bytes);
  const file = { name, sha256: sha256Hex(bytes), bytes: bytes.length };
  return { ...file, samples: count, ...counts };
}

async function writeProgress(
  store: Store,
  plan: SoftLabelPlan,
  shards: readonly SoftLabelShard[],
): Promise<void> {
  const format = "potstill-soft-labels-progress";
  await store.write(progressName, jsonBytes({ format, version: 1, plan, shards }));
}
