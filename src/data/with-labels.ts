/** @file The same samples with other labels. */

import { DataError } from "../errors/index.ts";
import { subset } from "./array-dataset.ts";
import { datasetHash } from "./content-hash.ts";
import { type Dataset, UNLABELLED } from "./dataset.ts";

/**
 * A data set with other labels; samples, keys and order are the same, the hash is another.
 *
 * @param labels class index per sample, or UNLABELLED
 * @param classNames that these are indices of; default: the data set's own
 * @throws DataError "data/length" unless there is one label per sample
 */
export function withLabels(
  dataset: Dataset,
  labels: Int32Array,
  classNames: Dataset["classNames"] = dataset.classNames,
): Dataset {
  if (labels.length !== dataset.length)
    throw new DataError("data/length", {
      where: dataset.name,
      rule: `there must be one label per sample (${dataset.length} samples)`,
      got: String(labels.length),
      fix: "Give as many labels as samples",
      details: { samples: dataset.length, labels: labels.length },
    });
  const { hash: _, ...rest } = dataset;
  const relabelled = { ...rest, labels, classNames };
  let hash: string | undefined;
  return { ...relabelled, hash: () => (hash ??= datasetHash(relabelled)) };
}

/**
 * The samples whose class is known: what a model can be judged by. A data set of which none has a
 * class is given back as it is.
 */
export function labelledSamples(dataset: Dataset): Dataset {
  const known = [...dataset.labels.keys()].filter((at) => dataset.labels[at] !== UNLABELLED);
  const isWhole = known.length === dataset.length || known.length === 0;
  return isWhole ? dataset : subset(dataset, Int32Array.from(known), dataset.name);
}

/**
 * The samples of some classes, which are numbered anew in the order of their names; samples without
 * label are left out.
 *
 * @param classNames of the data set's; @param where says in messages what they are for
 * @throws DataError "data/classes" if a class has no sample
 */
export function onlyClasses(
  dataset: Dataset,
  classNames: readonly string[],
  where: string = dataset.name,
): Dataset {
  const place = new Map(classNames.map((name, at) => [dataset.classNames.indexOf(name), at]));
  const chosen = [...dataset.labels.keys()].filter((at) => place.has(dataset.labels[at]!));
  const part = subset(dataset, chosen, `${dataset.name} of ${classNames.join(", ")}`);
  const labels = part.labels.map((label) => place.get(label)!); // those were chosen
  const missing = classNames.filter((_, at) => !labels.includes(at));
  if (missing.length === 0) return withLabels(part, labels, classNames);
  throw new DataError("data/classes", {
    where,
    rule: `${dataset.name} must have labelled samples of ${classNames.join(", ")}`,
    got: `none of ${missing.join(", ")}`,
    fix: "Give samples of these classes, or leave the classes out",
    details: { missing },
  });
}

/** A data set in which no class is known. */
export function withoutLabels(dataset: Dataset): Dataset {
  return withLabels(dataset, new Int32Array(dataset.length).fill(UNLABELLED));
}
