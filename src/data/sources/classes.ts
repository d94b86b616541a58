/** @file From class names or numbers in files to class indices. */

import { DataError } from "../../errors/index.ts";
import { UNLABELLED } from "../dataset.ts";

/**
 * Class names for numbered labels when none were given: "0", "1", … up to the largest label.
 *
 * @throws DataError "data/label" if a class below the largest label has no sample, because that is
 *   how a wrong label looks; "data/unnamed-classes" if nothing is labelled
 */
export function numberedClasses(where: string, labels: ArrayLike<number>): string[] {
  const present = new Set<number>();
  let largest = -1;
  for (let sample = 0; sample < labels.length; sample++) {
    present.add(labels[sample]!);
    largest = Math.max(largest, labels[sample]!);
  }
  if (largest < 0)
    throw new DataError("data/unnamed-classes", {
      where,
      rule: "without labels the classes must be named",
      got: "no labelled sample",
      fix: "Add classNames",
      details: { file: where },
    });
  let count = 0;
  while (present.has(count)) count++;
  if (count <= largest)
    throw new DataError("data/label", {
      where,
      rule: "labels must be 0, 1, … without a gap unless classNames are given",
      got: `label ${largest} for sample ${Array.prototype.indexOf.call(labels, largest)}, but no sample of class ${count}`,
      fix: "Correct the label, or add classNames",
      details: { file: where, largest, empty: count },
    });
  return Array.from({ length: count }, (_, label) => String(label));
}

/** @returns distinct names in order: by value if all are integers, else by code point */
export function sortedClasses(names: Iterable<string>): string[] {
  const distinct = [...new Set(names)];
  return distinct.every((name) => /^-?\d+$/.test(name))
    ? distinct.sort((a, b) => Number(a) - Number(b))
    : distinct.sort();
}

/** Fewer different numbers may be classes of a very small set. */
const leastQuantity = 20;

/**
 * The classes in a column of a table.
 *
 * @param names of the labelled samples
 * @throws DataError "data/quantity" for numbers most of which stand there once, but for 0 … n − 1
 *   and 1 … n where one of them is there twice: row numbers are not
 */
export function columnClasses(where: string, names: readonly string[]): string[] {
  const classes = sortedClasses(names);
  const isNumber = (name: string): boolean => name.trim() !== "" && Number.isFinite(Number(name));
  const isNumbered = [0, 1].some((first) =>
    classes.every((name, at) => name === String(at + first)),
  );
  const isQuantity =
    classes.length >= leastQuantity &&
    2 * classes.length > names.length &&
    classes.every(isNumber) &&
    !(isNumbered && classes.length < names.length);
  if (!isQuantity) return classes;
  throw new DataError("data/quantity", {
    where,
    rule: "the column of the classes must name a class of several samples each",
    got: `${classes.length} different numbers in ${names.length} samples, such as ${names[0]}`,
    fix: "Name the column (data.label); a quantity is nothing that is learnt here. If these are classes, give classNames",
    details: { classes: classes.length, samples: names.length },
  });
}

/**
 * @param names class name per sample, or undefined for unlabelled
 * @param place where a sample stands ("data.csv, line 7"), for messages
 * @throws DataError "data/class" for a name that is not among the classes
 */
export function classIndices(
  names: readonly (string | undefined)[],
  classNames: readonly string[],
  place: (sample: number) => string,
): Int32Array {
  const index = new Map(classNames.map((name, label) => [name, label]));
  return Int32Array.from(names, (name, sample) => {
    const label = name === undefined ? UNLABELLED : index.get(name);
    if (label === undefined)
      throw new DataError("data/class", {
        where: place(sample),
        rule: `the class must be one of ${classNames.join(", ")}`,
        got: `"${name}"`,
        fix: "Correct it, or name every class in classNames",
        details: { class: name, classNames },
      });
    return label;
  });
}
