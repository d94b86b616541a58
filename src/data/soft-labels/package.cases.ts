/** @file A small data set with made-up teacher logits, for the tests of this folder. */

import { type KeyPart, randomStream } from "../../engine/tensor/index.ts";
import { isDistillError } from "../../errors/index.ts";
import { arrayDataset } from "../array-dataset.ts";
import type { Dataset } from "../dataset.ts";
import { memoryStore } from "../memory-store.ts";
import type { Store } from "../store.ts";
import type { SoftLabelBatch } from "./batch.ts";
import type { SoftLabelHeader } from "./manifest.ts";
import { openSoftLabelWriter } from "./writer.ts";

export interface Sizes {
  readonly samples: number;
  readonly views?: number;
  readonly members?: number;
}

export interface SampleData {
  readonly dataset: Dataset;
  readonly header: SoftLabelHeader;
  readonly logits: Float32Array;
  readonly inputs: Uint8Array;
  /** samples `from` … `to - 1`, without inputs */
  readonly batch: (from: number, to: number) => SoftLabelBatch;
  readonly batchWithInputs: (from: number, to: number) => SoftLabelBatch;
}

export function normals(count: number, ...key: readonly KeyPart[]): Float32Array {
  const stream = randomStream(...key);
  return Float32Array.from({ length: count }, () => stream.normal() * 5);
}

/** Samples of shape [2, 3], three classes; every fourth sample is unlabelled. */
export function sampleData({ samples, views = 1, members = 1 }: Sizes): SampleData {
  const stream = randomStream("inputs");
  const inputs = Uint8Array.from({ length: samples * 6 }, () => stream.integer(256));
  const labels = Int32Array.from({ length: samples }, (_, i) => (i % 4 === 3 ? -1 : i % 3));
  const classNames = ["ant", "bee", "cat"];
  const dataset = arrayDataset({
    name: "insects",
    dtype: "uint8",
    shape: [2, 3],
    data: inputs,
    labels,
    classNames,
  });
  const logits = normals(samples * views * members * 3, "logits");
  const header: SoftLabelHeader = {
    precision: "float16",
    classNames,
    members: Array.from({ length: members }, (_, i) => ({
      name: `teacher-${i}`,
      hash: `${i}`.repeat(64),
      kind: "logits",
    })),
    combine: "arithmetic",
    teacherHash: "ab".repeat(32),
    dataHash: dataset.hash(),
    dataName: dataset.name,
    sample: { dtype: "uint8", shape: [2, 3] },
    preprocessing: dataset.preprocessing,
    views: { count: views, seed: 7, augmentation: views === 1 ? null : { shift: 2, flip: false } },
    withInputs: false,
    sampleCount: samples,
    createdBy: "potstill 0.0.0",
  };
  const size = views * members * 3;
  const batch = (from: number, to: number): SoftLabelBatch => ({
    keys: Array.from({ length: to - from }, (_, i) => dataset.key(from + i)),
    labels: labels.subarray(from, to),
    logits: logits.subarray(from * size, to * size),
  });
  const batchWithInputs = (from: number, to: number): SoftLabelBatch => ({
    ...batch(from, to),
    inputs: inputs.subarray(from * 6, to * 6),
  });
  return { dataset, header, logits, inputs, batch, batchWithInputs };
}

/** @returns a store in memory that holds these files */
export async function storeWith(files: ReadonlyMap<string, Uint8Array>): Promise<Store> {
  const store = memoryStore();
  for (const [name, bytes] of files) await store.write(name, bytes);
  return store;
}

/** @returns every file of a store */
export async function filesOf(store: Store): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of await store.list()) files.set(name, (await store.read(name))!);
  return files;
}

/** Labels the data from where the store stands to the end. */
export async function writePackage(
  store: Store,
  data: Pick<SampleData, "header" | "batch" | "inputs">,
  options: {
    readonly samplesPerShard: number;
    readonly batch: number;
    readonly withInputs?: boolean;
  },
): Promise<void> {
  const { samplesPerShard, withInputs = false } = options;
  const header = { ...data.header, withInputs };
  const writer = await openSoftLabelWriter(store, header, { samplesPerShard });
  for (let from = writer.done; from < header.sampleCount; from += options.batch) {
    const to = Math.min(from + options.batch, header.sampleCount);
    const inputs = data.inputs.subarray(from * 6, to * 6);
    await writer.add({ ...data.batch(from, to), ...(withInputs ? { inputs } : {}) });
  }
  await writer.close();
}

/** @returns the code of the error that a promise ends with */
export async function rejectionCode(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return isDistillError(error) ? error.code : String(error);
  }
  return "no error";
}
