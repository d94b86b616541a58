/** @file Finds the soft labels of a data set's samples, by content. */

import { DataError } from "../../errors/index.ts";
import { type Dataset, UNLABELLED } from "../dataset.ts";
import { groupBy } from "../duplicates.ts";
import type { SoftLabels } from "./reader.ts";

/**
 * Pairs samples with soft labels by content key, so that no order, shuffle or subset can pair them
 * wrongly. Samples that are equal have equal soft labels, the first one's; but where the teacher
 * saw other inputs, each has its own: they are taken in turn, and where that contradicts a label
 * (the samples are in another order) first by those that have the same label.
 *
 * @param dataset the labelled data, any part of it, or its samples in another order
 * @returns int32 [dataset.length]: the soft labels' row of each sample
 * @throws DataError "package/class-mismatch" if class names differ in number, spelling or order;
 *   "package/missing-sample" if samples were never labelled; "package/ambiguous" if the data hold
 *   only some of equal samples of which the teacher saw different inputs
 */
export function alignSoftLabels(softLabels: SoftLabels, dataset: Dataset): Int32Array {
  assertSameClasses(softLabels, dataset);
  const rows = new Int32Array(dataset.length);
  const missing: number[] = [];
  const taken = softLabels.manifest.teacherInputs && takenRows(softLabels, dataset);
  for (let index = 0; index < dataset.length; index++) {
    const row = taken?.get(index) ?? softLabels.lookup(dataset.key(index));
    if (row === undefined) missing.push(index);
    else rows[index] = row;
  }
  if (missing.length > 0) throw missingSamples(softLabels, dataset, missing);
  return rows;
}

/** @returns rows of samples that have equals, each row once */
function takenRows(softLabels: SoftLabels, dataset: Dataset): ReadonlyMap<number, number> {
  const { keys } = softLabels;
  const taken = new Map<number, number>();
  const sets = groupBy([...keys.keys()], (row) => keys[row]!).filter(({ length }) => length > 1);
  const rowsOf = new Map(sets.map((set) => [keys[set[0]!]!, set])); // of two at least
  const samples = [...dataset.labels.keys()].filter((index) => rowsOf.has(dataset.key(index)));
  for (const equal of groupBy(samples, dataset.key)) {
    const key = dataset.key(equal[0]!); // of one at least
    const rows = rowsOf.get(key)!; // as the samples were chosen
    if (equal.length !== rows.length) throw ambiguous(softLabels, dataset, key, equal.length);
    const labels = equal.map((index) => dataset.labels[index]!);
    const order = inTurn(labels, Array.from(rows, softLabels.label));
    for (const [at, index] of equal.entries()) taken.set(index, rows[order[at]!]!);
  }
  return taken;
}

/** @returns the place among `others` that each label takes, where both are as many */
function inTurn(labels: readonly number[], others: readonly number[]): readonly number[] {
  const mayBe = (a: number, b: number): boolean => a === b || a === UNLABELLED || b === UNLABELLED;
  if (labels.every((label, at) => mayBe(label, others[at]!))) return [...labels.keys()];
  const alike = groupBy([...others.keys()], (place) => others[place]!);
  const left = new Map(alike.map((same) => [others[same[0]!]!, same.toReversed()])); // one at least
  const own = labels.map((label) => (label === UNLABELLED ? undefined : left.get(label)?.pop()));
  const rest = [...left.values()].flat().sort((a, b) => b - a);
  return own.map((place) => place ?? rest.pop()!); // as many are left
}

function ambiguous(
  { manifest, keys }: SoftLabels,
  dataset: Dataset,
  key: string,
  count: number,
): DataError {
  const labelled = keys.filter((own) => own === key).length;
  return new DataError("package/ambiguous", {
    where: `soft labels of ${manifest.dataName} for ${dataset.name}`,
    rule: `the teacher saw its own input of each of ${labelled} samples that are equal for the student (key ${key}), so all or none of them must be there`,
    got: String(count),
    fix: "Label this data set itself (potstill distill does it in one run), or remove equal samples before labelling (in code: withoutDuplicates)",
    details: { key, labelled, count },
  });
}

function assertSameClasses({ manifest }: SoftLabels, dataset: Dataset): void {
  const { classNames } = manifest;
  const where = `soft labels of ${manifest.dataName} for ${dataset.name}`;
  const fix = "Label this data set with a teacher of its classes";
  const details = { softLabels: classNames, dataset: dataset.classNames };
  if (classNames.length !== dataset.classNames.length)
    throw new DataError("package/class-mismatch", {
      where,
      rule: `the package has ${classNames.length} classes and the data must have as many`,
      got: `${dataset.classNames.length}`,
      fix,
      details,
    });
  const other = classNames.findIndex((name, index) => name !== dataset.classNames[index]);
  if (other !== -1)
    throw new DataError("package/class-mismatch", {
      where,
      rule: `class ${other} is "${classNames[other]}" in the package and must be so in the data`,
      got: `"${dataset.classNames[other]}"`,
      fix,
      details,
    });
}

function missingSamples(
  { manifest }: SoftLabels,
  dataset: Dataset,
  missing: readonly number[],
): DataError {
  const example = missing[0]!; // called with at least one
  const isSameForm = manifest.sample.dtype === dataset.dtype;
  return new DataError("package/missing-sample", {
    where: `soft labels of ${manifest.dataName} for ${dataset.name}`,
    rule: "every sample must have been labelled by the teacher",
    got: `${missing.length} of ${dataset.length} samples without soft labels, for example sample ${example} (key ${dataset.key(example)})`,
    fix: isSameForm
      ? "Label this data set, or train on the data that were labelled"
      : `Load the data as ${manifest.sample.dtype}, as they were labelled (here ${dataset.dtype})`,
    details: { count: missing.length, example },
  });
}
