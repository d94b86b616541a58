/** @file Opens a finished soft-label package, checking every byte of it. */

import { sampleDType } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import { arrayDataset } from "../array-dataset.ts";
import { type Dataset, UNLABELLED } from "../dataset.ts";
import { readKey } from "../key-bytes.ts";
import type { Store } from "../store.ts";
import type { SoftLabelManifest } from "./manifest.ts";
import { manifestName, parseManifest, progressName } from "./manifest-file.ts";
import { assertFinitePacked, type PackedLogits, unpackRows } from "./packed-logits.ts";
import { allocateSamples, loadShard, type SampleArrays, shardTensors } from "./sample-arrays.ts";
import { readShardBytes } from "./shard-bytes.ts";

/**
 * A soft-label package in memory, at its stored precision. Rows are samples in the data's order.
 */
export interface SoftLabels {
  readonly manifest: SoftLabelManifest;
  readonly length: number;
  /** content key of each row: 32 hex digits, as `Dataset.key` gives them */
  readonly keys: readonly string[];
  /** class index of each row, or UNLABELLED */
  readonly labels: Int32Array;
  /**
   * @returns the row of a key (the first one, where equal samples were labelled twice), or
   *   undefined
   */
  readonly lookup: (key: string) => number | undefined;
  /**
   * Decodes one view of one sample.
   *
   * @param into float32 [members, classes], overwritten
   * @returns `into`
   */
  readonly logits: (row: number, view: number, into: Float32Array) => Float32Array;
  /** @returns class index, or UNLABELLED */
  readonly label: (row: number) => number;
  /**
   * The labelled samples themselves, from a package made with inputs.
   *
   * @throws DataError "package/no-inputs" if it has none; "package/order" if samples and keys, or
   *   the data hash, do not belong together
   */
  readonly asDataset: () => Dataset;
}

/**
 * Reads a package: the manifest, then every shard, each compared with its checksum.
 *
 * @throws DataError "package/missing" without a manifest; "package/interrupted" if labelling did
 *   not end; "package/version", "package/manifest" for a manifest that cannot be used;
 *   "package/damaged-shard" naming the shard; "package/shard-format" for a shard that is not as the
 *   manifest says; "data/label", "package/non-finite" for values that cannot be
 */
export async function openSoftLabels(store: Store): Promise<SoftLabels> {
  const manifest = await readManifest(store);
  const arrays = allocateSamples({ ...manifest, members: [] }, manifest.sampleCount); // no logits
  const shards: ShardLogits[] = [];
  let first = 0;
  for (const shard of manifest.shards) {
    const bytes = await readShardBytes(store, shard);
    const { logits, ...own } = allocateSamples(manifest, shard.samples);
    const into = shardTensors({ ...own, logits }, manifest, 0, shard.samples);
    loadShard(bytes, `${store.location}/${shard.name}`, into);
    copyInto(arrays, own, first);
    shards.push({ first, logits });
    first += shard.samples;
  }
  assertValues(store.location, manifest, { ...arrays, shards });
  return makeSoftLabels(store.location, manifest, { ...arrays, shards });
}

/** The logits of a shard, in memory of their own: all together may be too many for one array. */
interface ShardLogits {
  /** its first sample */
  readonly first: number;
  readonly logits: PackedLogits;
}

/** What is stored of all samples, in their order. */
type PackageArrays = Omit<SampleArrays, "logits"> & { readonly shards: readonly ShardLogits[] };

function copyInto(
  all: Omit<SampleArrays, "logits">,
  own: Omit<SampleArrays, "logits">,
  first: number,
): void {
  const samples = own.labels.length;
  for (const name of ["keys", "labels", "inputs", "groups"] as const) {
    const part = own[name];
    // of one manifest, so of one kind
    if (part !== null)
      (all[name] as Uint8Array).set(part as Uint8Array, (first * part.length) / samples);
  }
}

async function readManifest(store: Store): Promise<SoftLabelManifest> {
  const bytes = await store.read(manifestName);
  if (bytes !== undefined) return parseManifest(bytes, `${store.location}/${manifestName}`);
  const isStarted = (await store.read(progressName)) !== undefined;
  throw isStarted
    ? new DataError("package/interrupted", {
        where: `soft labels in ${store.location}`,
        rule: "labelling was interrupted and the package is not complete",
        fix: "Run label again with the same settings; it resumes where it stopped",
      })
    : new DataError("package/missing", {
        where: `soft labels in ${store.location}`,
        rule: `a soft-label package has a ${manifestName}`,
        got: "none",
        fix: "Name the folder that label wrote, or run label first",
      });
}

function assertValues(where: string, manifest: SoftLabelManifest, arrays: PackageArrays): void {
  const { views, members } = manifest;
  const classes = manifest.classNames.length;
  const bad = arrays.labels.findIndex((label) => label < UNLABELLED || label >= classes);
  if (bad !== -1)
    throw new DataError("data/label", {
      where: `soft labels in ${where}`,
      rule: `a label is 0 to ${classes - 1}, or ${UNLABELLED} for an unlabelled sample`,
      got: `${arrays.labels[bad]} for sample ${bad}`,
      fix: "Label again",
    });
  const groupCount = manifest.groups?.names.length ?? 0;
  const stray = arrays.groups?.findIndex((group) => group >= groupCount) ?? -1;
  if (stray !== -1)
    throw new DataError("package/shard-format", {
      where: `soft labels in ${where}`,
      rule: `a group is 0 to ${groupCount - 1}, a number in the manifest's list`,
      got: `${arrays.groups![stray]} for sample ${stray}`,
      fix: "Label again",
    });
  const rows = views.count * members.length;
  for (const { first, logits } of arrays.shards)
    assertFinitePacked(logits, (row) => `sample ${first + Math.floor(row / rows)} in ${where}`);
}

function makeSoftLabels(
  where: string,
  manifest: SoftLabelManifest,
  arrays: PackageArrays,
): SoftLabels {
  const { views, members, sampleCount: length, classCount } = manifest;
  const keys = Array.from({ length }, (_, row) => readKey(arrays.keys, row));
  const rows = new Map<string, number>();
  for (let row = length - 1; row >= 0; row--) rows.set(keys[row]!, row);
  const rowLength = members.length * classCount;

  const logits = (row: number, view: number, into: Float32Array): Float32Array => {
    if (!(row >= 0 && row < length && view >= 0 && view < views.count) || into.length !== rowLength)
      throw new DataError("package/row", {
        where: `soft labels in ${where}`,
        rule: `rows are 0 to ${length - 1}, views 0 to ${views.count - 1}, and a row has ${rowLength} logits`,
        got: `row ${row}, view ${view}, room for ${into.length}`,
        fix: "Ask for an existing row and view",
      });
    const { first, logits: own } = shardOf(arrays.shards, row);
    unpackRows(own, ((row - first) * views.count + view) * members.length, into);
    return into;
  };

  return {
    manifest,
    length,
    keys,
    labels: arrays.labels,
    lookup: (key) => rows.get(key),
    logits,
    label: (row) => arrays.labels[row] ?? UNLABELLED,
    asDataset: () => packageDataset(where, manifest, arrays, keys),
  };
}

/** @returns the shard of a sample, one of the package's */
function shardOf(shards: readonly ShardLogits[], row: number): ShardLogits {
  let [low, high] = [0, shards.length];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (shards[middle]!.first <= row) low = middle;
    else high = middle;
  }
  return shards[low]!; // a package has one at least
}

function packageDataset(
  where: string,
  manifest: SoftLabelManifest,
  { inputs, labels, groups }: PackageArrays,
  keys: readonly string[],
): Dataset {
  if (inputs === null)
    throw new DataError("package/no-inputs", {
      where: `soft labels in ${where}`,
      rule: "the package was made without the samples",
      fix: "Label again with inputs (--with-inputs), or give the data set as well",
    });
  const { dataName: name, sample, preprocessing, classNames, dataHash } = manifest;
  const dataset = arrayDataset({
    ...{ name, shape: sample.shape, preprocessing, classNames, labels },
    dtype: sampleDType(inputs),
    data: inputs,
    groups: groups && Array.from(groups, (group) => manifest.groups!.names[group]!), // checked
    text: manifest.text,
    frames: manifest.frames,
  });
  const wrongOrder = (rule: string, got: string): DataError =>
    new DataError("package/order", {
      where: `soft labels in ${where}`,
      rule,
      got,
      fix: "Label again: samples and soft labels are not in the same order, or not of the same data",
    });
  const moved = keys.findIndex((key, row) => dataset.key(row) !== key);
  if (moved !== -1)
    throw wrongOrder(`sample ${moved} must have key ${keys[moved]}`, dataset.key(moved));
  if (dataset.hash() !== dataHash)
    throw wrongOrder(`the data's hash must be ${dataHash}`, dataset.hash());
  return {
    ...dataset,
    ...(manifest.groups?.whole === true && { wholeGroups: true }),
    ...(manifest.groups?.local === true && { localGroups: true }),
  };
}
