/** @file Finds the soft labels of a data set's samples, by content. */

import { DataError } from "../../errors/index.ts";
import type { Dataset } from "../dataset.ts";
import { groupBy } from "../duplicates.ts";
import type { SoftLabels } from "./reader.ts";

/**
 * Pairs samples with soft labels by content key, so that no order, shuffle or subset can pair them
 * wrongly. Samples that are equal have equal soft labels, the first one's; but where the teacher
 * saw other inputs, each has its own: they are taken in turn, which pairs equal samples with all
 * that was said of them, in whatever order.
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
  const rowOf = softLabels.manifest.teacherInputs
    ? takenInTurn(softLabels, dataset)
    : softLabels.lookup;
  for (let index = 0; index < dataset.length; index++) {
    const row = rowOf(dataset.key(index));
    if (row === undefined) missing.push(index);
    else rows[index] = row;
  }
  if (missing.length > 0) throw missingSamples(softLabels, dataset, missing);
  return rows;
}

/** @returns a function that gives each row of equal samples once */
function takenInTurn(
  softLabels: SoftLabels,
  dataset: Dataset,
): (key: string) => number | undefined {
  const { keys, lookup } = softLabels;
  const sets = groupBy([...keys.keys()], (row) => keys[row]!).filter(({ length }) => length > 1);
  const left = new Map(sets.map((rows) => [keys[rows[0]!]!, rows.toReversed()])); // of two at least
  const counts = new Map<string, number>();
  for (let index = 0; index < dataset.length; index++) {
    const key = dataset.key(index);
    if (left.has(key)) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [key, count] of counts)
    if (count !== left.get(key)!.length) throw ambiguous(softLabels, dataset, key, count);
  return (key) => left.get(key)?.pop() ?? lookup(key);
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
    fix: "Label this data set itself, or remove equal samples before labelling (in code: withoutDuplicates)",
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
