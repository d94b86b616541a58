/** @file What a specialist trains on: half of its classes, half of all others. */

import { type Dataset, subset, UNLABELLED, withLabels } from "../../data/index.ts";
import { permutation } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";

/** Name of a specialist's last class. */
export const dustbinName = "other classes";

export interface SpecialData {
  /** labels are the specialist's: its classes in order, then the dustbin */
  readonly dataset: Dataset;
  /**
   * log of how many times more often its classes come than in the data: what its dustbin's logit
   * must be raised by to be right for the data's own shares
   */
  readonly dustbinCorrection: number;
}

/**
 * All samples of the special classes, and as many others, drawn by seed (fewer where there are
 * fewer). Unlabelled samples are left out.
 *
 *   correction = log [ (special drawn / other drawn) / (special in the data / other in the data) ]
 *
 * @throws DataError "specialists/data" if there are no special, or no other, labelled samples
 * @see Hinton, Vinyals, Dean (2015), §5.3: "half its examples coming from its special subset and
 *   half sampled at random from the remainder"; "incrementing the logit of the dustbin class by the
 *   log of the proportion by which the specialist class is oversampled"
 */
export function specialData(
  dataset: Dataset,
  classes: readonly number[],
  { name, seed }: { readonly name: string; readonly seed: number },
): SpecialData {
  const place = new Map(classes.map((index, at) => [index, at]));
  const all = Array.from(dataset.labels, (_, index) => index);
  const special = all.filter((index) => place.has(dataset.labels[index]!));
  const others = all.filter((index) => {
    const label = dataset.labels[index]!;
    return label !== UNLABELLED && !place.has(label);
  });
  assertBoth(special.length, others.length, name);
  const count = Math.min(special.length, others.length);
  const drawn = permutation(others.length, seed, "dustbin samples").subarray(0, count);
  const chosen = [...special, ...Array.from(drawn, (at) => others[at]!)].toSorted((a, b) => a - b);
  const part = subset(dataset, chosen, name);
  const dustbin = classes.length;
  const classNames = [...classes.map((index) => dataset.classNames[index]!), dustbinName];
  const labels = part.labels.map((label) => place.get(label) ?? dustbin);
  return {
    dataset: withLabels(part, labels, classNames),
    dustbinCorrection: Math.log(others.length / count),
  };
}

function assertBoth(special: number, others: number, name: string): void {
  if (special > 0 && others > 0) return;
  throw new DataError("specialists/data", {
    where: name,
    rule: "a specialist trains on labelled samples of its classes and of others",
    got: `${special} and ${others}`,
    fix: "Use labelled data, or other classes",
  });
}
