/** @file Data sets held in memory: checked once when made, and subsets of any data set. */

import {
  arrayName,
  arrayNameOf,
  type DataOf,
  elementCount,
  type Preprocessing,
  type SampleDType,
  type Shape,
  sampleDTypes,
  showShape,
} from "../engine/tensor/index.ts";
import { DataError } from "../errors/index.ts";
import type { FrameEncoding } from "./audio/frame-encoding.ts";
import { datasetHash, sampleHasher, withoutNegativeZeros } from "./content-hash.ts";
import { type Dataset, type Samples, type TextEncoding, UNLABELLED } from "./dataset.ts";
import { blocksOf } from "./shuffle-blocks.ts";

/** Samples and labels in memory, as `arrayDataset` takes them. */
export interface ArraySamples<D extends SampleDType = SampleDType> {
  readonly name: string;
  readonly dtype: D;
  /** of one sample; sizes are whole and at least 1 */
  readonly shape: Shape;
  /**
   * samples one after another: [samples, ...shape], row-major, in the dtype's own typed array
   * (Uint8Array, Float32Array, Int32Array); not copied, do not change it afterwards
   */
  readonly data: DataOf[D];
  /** class index per sample, or UNLABELLED (-1), in any array of numbers; copied */
  readonly labels: ArrayLike<number>;
  readonly classNames: readonly string[];
  /** default: scale 1/255, offset 0 for uint8; scale 1, offset 0 for others */
  readonly preprocessing?: Preprocessing;
  readonly text?: TextEncoding | undefined;
  readonly frames?: FrameEncoding | undefined;
  readonly groups?: readonly string[] | null;
  /**
   * what error messages call the samples and the labels: file names. Default: the data set's name
   */
  readonly origin?: { readonly samples: string; readonly labels: string };
}

type Checked = ArraySamples & { readonly where: { samples: string; labels: string } };

/**
 * Makes a data set of samples in memory.
 *
 * @throws DataError "data/dtype" for another dtype, or data that are not in its typed array;
 *   "data/shape" for sizes that are not whole or below 0; "data/empty" without samples or
 *   elements; "data/length" if data, labels or groups do not fit together; "data/not-finite" for
 *   NaN or infinity in float data; "data/classes" for repeated class names; "data/label" for a
 *   label outside the classes; "data/preprocessing" for a scale or offset that is not finite
 */
export function arrayDataset<D extends SampleDType>(samples: ArraySamples<D>): Dataset {
  const { name, dtype, shape, data, classNames } = samples;
  const where = samples.origin ?? { samples: name, labels: name };
  assertForm(where.samples, samples);
  const preprocessing = samples.preprocessing ?? defaultPreprocessing(dtype);
  assertLengths({ ...samples, where });
  assertPreprocessing(name, preprocessing);
  if (dtype === "float32") assertFinite(where.samples, data as Float32Array, elementCount(shape)); // assertForm has looked
  assertClassNames(where.labels, classNames);
  assertLabels(where.labels, samples.labels, classNames);
  const size = elementCount(shape);
  const length = data.length / size;
  const hasher = sampleHasher(dtype, shape);
  const keys = new Array<string | undefined>(length);
  // subarray keeps the element type, which the compiler cannot see through D
  const sampleAt = (index: number): DataOf[D] =>
    data.subarray(index * size, (index + 1) * size) as DataOf[D];
  const key = (index: number): string => (keys[index] ??= hasher(sampleAt(index)));
  const body = {
    name,
    length,
    dtype,
    shape,
    preprocessing,
    classNames,
    labels: Int32Array.from(samples.labels),
    groups: samples.groups ?? null,
    ...(samples.text && { text: samples.text }),
    ...(samples.frames && { frames: samples.frames }),
    gather: (indices: Int32Array, into: DataOf[SampleDType]): void => {
      for (let row = 0, end = 1; row < indices.length; row = end++) {
        const first = indices[row]!;
        while (indices[end] === first + end - row) end++; // neighbours are copied together
        into.set(data.subarray(first * size, (first + end - row) * size), row * size);
      }
    },
    key,
    ...(dtype === "float32" && {
      valueKey: (index: number): string => {
        const plain = withoutNegativeZeros(sampleAt(index));
        return plain === undefined ? key(index) : hasher(plain as DataOf[D]);
      },
    }),
  };
  return { ...body, hash: once(() => datasetHash(body)) };
}

/** @returns what turns stored elements into a network's input unless said otherwise */
export function defaultPreprocessing(dtype: SampleDType): Preprocessing {
  return dtype === "uint8" ? { scale: 1 / 255, offset: 0 } : { scale: 1, offset: 0 };
}

/**
 * Some samples of a data set, in the given order, as a data set. Nothing is copied; keys are the
 * parent's.
 *
 * @param indices sample numbers of `dataset`; repeats allowed
 * @throws DataError "data/index" for a number outside the set
 */
export function subset(dataset: Dataset, indices: ArrayLike<number>, name: string): Dataset {
  const chosen = Int32Array.from(indices);
  for (const index of chosen)
    if (index < 0 || index >= dataset.length)
      throw new DataError("data/index", {
        where: `subset "${name}"`,
        rule: `sample numbers must be 0 … ${dataset.length - 1} (${dataset.name} has ${dataset.length} samples)`,
        got: String(index),
        fix: "Choose existing samples",
        details: { index, length: dataset.length },
      });
  const { classNames, groups, teacherInputs } = dataset;
  const body = {
    ...chosenSamples(dataset, chosen),
    name,
    length: chosen.length,
    classNames,
    labels: chosen.map((index) => dataset.labels[index]!),
    groups: groups === null ? null : Array.from(chosen, (index) => groups[index]!),
    ...(dataset.wholeGroups === true && { wholeGroups: true }),
    ...(dataset.localGroups === true && { localGroups: true }),
    ...(dataset.splitBySample === true && { splitBySample: true }),
    ...(dataset.recordings && {
      recordings: { ...dataset.recordings, of: chosen.map((i) => dataset.recordings!.of[i]!) },
    }),
    ...(teacherInputs && { teacherInputs: chosenSamples(teacherInputs, chosen) }),
  };
  return { ...body, hash: once(() => datasetHash(body)) };
}

function chosenSamples(samples: Samples, chosen: Int32Array): Samples {
  const { name, dtype, shape, preprocessing, text, frames, shuffle, valueKey } = samples;
  return {
    ...{ name, dtype, shape, preprocessing },
    ...(text && { text }),
    ...(frames && { frames }),
    ...(shuffle && { shuffle: blocksOf(shuffle, chosen) }),
    gather: (rows, into) =>
      samples.gather(
        rows.map((row) => chosen[row]!),
        into,
      ),
    key: (index) => samples.key(chosen[index]!),
    ...(valueKey && { valueKey: (index: number) => valueKey(chosen[index]!) }),
  };
}

function once<T>(compute: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= compute();
    return value;
  };
}

/** Other arrays would be rounded by `gather`, and their NaN not found. */
function assertForm(where: string, { dtype, shape, data }: ArraySamples): void {
  const fail = (code: string, rule: string, got: string, fix: string): never => {
    throw new DataError(code, { where, rule, got, fix, details: { dtype, shape } });
  };
  if (!sampleDTypes.includes(dtype))
    fail(
      "data/dtype",
      `samples must be ${sampleDTypes.join(", ")}`,
      String(dtype),
      "Convert the samples, for example to float32",
    );
  const array = arrayNameOf(dtype);
  if (arrayName(data) !== array)
    fail(
      "data/dtype",
      `samples of dtype ${dtype} must be in one ${array}`,
      `a value of type ${arrayName(data)}`,
      `Convert them, for example with ${array}.from, or name another dtype`,
    );
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size >= 0))
    fail(
      "data/shape",
      "the shape of a sample must be a list of whole, positive sizes",
      Array.isArray(shape) ? showShape(shape) : String(shape),
      "Give the sizes of one sample's axes, without the number of samples",
    );
}

function assertLengths({ shape, data, labels, groups, where }: Checked): void {
  const size = elementCount(shape);
  const length = data.length / size;
  if (data.length === 0 || size === 0)
    throw new DataError("data/empty", {
      where: where.samples,
      rule: "a data set needs at least one sample of at least one element",
      got: `${data.length} elements for samples of shape ${showShape(shape)}`,
      fix: "Check that the right file was given",
      details: { elements: data.length, shape },
    });
  const fail = (place: string, rule: string, got: string): never => {
    throw new DataError("data/length", {
      where: place,
      rule,
      got,
      fix: "Give files that belong together, or correct the shape",
      details: { elements: data.length, shape, labels: labels.length },
    });
  };
  if (!Number.isInteger(length))
    fail(
      where.samples,
      `data must hold whole samples of shape ${showShape(shape)} (${size} elements each)`,
      `${data.length} elements`,
    );
  if (labels.length !== length)
    fail(
      where.labels,
      `there must be one label per sample (${length} samples)`,
      `${labels.length}`,
    );
  if (groups && groups.length !== length)
    fail(
      where.labels,
      `there must be one group per sample (${length} samples)`,
      `${groups.length}`,
    );
}

function assertPreprocessing(name: string, { scale, offset }: Preprocessing): void {
  if (!Number.isFinite(scale) || !Number.isFinite(offset) || scale === 0)
    throw new DataError("data/preprocessing", {
      where: name,
      rule: "preprocessing needs a finite scale other than 0 and a finite offset",
      got: `scale ${scale}, offset ${offset}`,
      fix: "Use value * scale + offset, for example scale 1/255, offset 0",
      details: { scale, offset },
    });
}

function assertFinite(where: string, data: Float32Array, size: number): void {
  for (let at = 0; at < data.length; at++)
    if (!Number.isFinite(data[at]))
      throw new DataError("data/not-finite", {
        where,
        rule: "every value must be a finite number",
        got: `${data[at]} in sample ${Math.floor(at / size)}, element ${at % size}`,
        fix: "Remove the sample, or replace the value, before training",
        details: { sample: Math.floor(at / size), element: at % size },
      });
}

function assertClassNames(where: string, classNames: readonly string[]): void {
  const repeated = classNames.find((name, index) => classNames.indexOf(name) !== index);
  if (repeated !== undefined)
    throw new DataError("data/classes", {
      where,
      rule: "class names must differ",
      got: `"${repeated}" twice`,
      fix: "Name each class once",
      details: { classNames },
    });
}

function assertLabels(
  where: string,
  labels: ArrayLike<number>,
  classNames: readonly string[],
): void {
  for (let sample = 0; sample < labels.length; sample++) {
    const label = labels[sample]!;
    const valid = Number.isInteger(label) && label >= 0 && label < classNames.length;
    if (!valid && label !== UNLABELLED)
      throw new DataError("data/label", {
        where,
        rule: `labels must be 0 … ${classNames.length - 1} (there are ${classNames.length} classes), or ${UNLABELLED} for unlabelled`,
        got: `${label} for sample ${sample}`,
        fix: "Correct the label, or name every class",
        details: { sample, label, classes: classNames.length },
      });
  }
}
