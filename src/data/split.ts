/**
 * @file Train, validation and test parts of a data set: by seed, by class, by group; no sample on
 * two sides.
 */

import { permutation } from "../engine/tensor/index.ts";
import { assertKnown, ConfigError, DataError } from "../errors/index.ts";
import { subset } from "./array-dataset.ts";
import { type Dataset, UNLABELLED } from "./dataset.ts";
import { assertNoDuplicates, assertNotInTwoGroups, groupBy, identicalSets } from "./duplicates.ts";

export interface SplitOptions {
  readonly seed: number;
  /** part of all samples that have a label, 0 … 1; where none has one, of all */
  readonly validation: number;
  /** as validation; without it there is no test part */
  readonly test?: number;
  /**
   * "group": a group (speaker, device, recording) never on two sides (default for data that have
   * groups, and the only way for windows of recordings); "sample": each on its own
   */
  readonly by?: "sample" | "group";
  /** keep each class's share in every part; default true by sample (which true asks for) */
  readonly stratified?: boolean;
  /**
   * identical samples that could end on two sides: "refuse" (default), or "same-side" to keep them
   * together on one side, by group with their groups. By group, those of one group are let pass
   */
  readonly duplicates?: "refuse" | "same-side";
}

export interface Split {
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly test?: Dataset;
}

/**
 * Splits a data set into parts; a function of the data set's order and the options. Samples keep
 * their order in each part.
 *
 * By sample the parts' sizes are exact (round(fraction × labelled samples); identical ones that are
 * kept together aside) and, stratified, each class's share is within one sample of exact. By group,
 * whole groups are drawn until a part is as near to its size as the next group allows.
 *
 * Validation and test samples have labels, if any sample has: the others are left to training,
 * but for those of a group that is drawn, and those identical with a sample that is, which are in
 * no part. Recordings with transcripts stay whole. Parts that were split by sample, of data with
 * groups, say so (`splitBySample`), and may share groups in a run.
 *
 * @throws ConfigError "config/range" for fractions that leave nothing to train on;
 *   "config/conflict" for stratified by group, or windows by sample; DataError "data/groups" if
 *   there are no groups, "data/duplicates" for identical samples (by group: of two groups),
 *   "data/split-empty" if a part would be empty
 */
export function splitDataset(dataset: Dataset, given: SplitOptions): Split {
  const usual = dataset.groups === null || given.stratified === true ? "sample" : "group";
  const options = { ...given, by: given.by ?? (dataset.wholeGroups === true ? "group" : usual) };
  assertOptions(dataset, options);
  const { seed, by, stratified = by === "sample" } = options;
  const isJudged = judgedSamples(dataset);
  const units = unitsOf(dataset, options).map(
    (samples): Unit => ({ samples, judged: samples.filter(isJudged) }),
  );
  const drawable = units.filter(({ judged }) => judged.length > 0);
  const strata = stratified
    ? groupBy(drawable, ({ judged }) => dataset.labels[judged[0]!]!)
    : [drawable];
  const test = quotas(strata, options.test ?? 0);
  const validation = quotas(strata, options.validation, test);
  const others = units.filter(({ judged }) => judged.length === 0);
  const parts: Record<"train" | "validation" | "test", number[]> = {
    train: others.flatMap(({ samples }) => samples),
    validation: [],
    test: [],
  };
  strata.forEach((stratum, s) => {
    const drawn = Array.from(permutation(stratum.length, seed, "split", s), (u) => stratum[u]!);
    const afterTest = draw(drawn, test[s]!, parts.test);
    const afterBoth = draw(afterTest, validation[s]!, parts.validation);
    for (const { samples } of afterBoth) for (const index of samples) parts.train.push(index);
  });
  const part = (name: "train" | "validation" | "test"): Dataset => {
    if (parts[name].length === 0) throw emptyPart(dataset, name, drawable.length, by);
    const own = subset(dataset, Int32Array.from(parts[name]).sort(), `${dataset.name}/${name}`);
    return by === "sample" && dataset.groups !== null ? { ...own, splitBySample: true } : own;
  };
  const split = { train: part("train"), validation: part("validation") };
  return options.test === undefined ? split : { ...split, test: part("test") };
}

/** Samples that stay on one side, and those of them that a model can be judged by. */
interface Unit {
  readonly samples: readonly number[];
  readonly judged: readonly number[];
}

/**
 * Those with a label, if any has one; of recordings whose words are counted all frames, which are
 * decoded together.
 */
function judgedSamples({ labels, recordings }: Dataset): (index: number) => boolean {
  const { of = [], words = null } = recordings ?? {};
  if (words !== null) return (index) => words[of[index]!] !== null;
  if (labels.every((label) => label === UNLABELLED)) return () => true;
  return (index) => labels[index] !== UNLABELLED;
}

/**
 * Moves units into `part` while that brings it nearer to `quota` samples; of units that are all
 * more than twice as large the smallest. @returns the units left
 */
function draw(units: readonly Unit[], quota: number, part: number[]): readonly Unit[] {
  const isNear = (count: number, { judged }: Unit): boolean => count + judged.length / 2 <= quota;
  const smallest = units.some((unit) => isNear(0, unit)) ? undefined : smallestOf(units);
  const left: Unit[] = [];
  let count = 0;
  for (const unit of units) {
    const fits = count < quota && (unit === smallest || isNear(count, unit));
    if (fits) {
      for (const index of unit.judged) part.push(index);
      count += unit.judged.length;
    } else left.push(unit);
  }
  return left;
}

/** @returns the first of the smallest */
function smallestOf(units: readonly Unit[]): Unit | undefined {
  const least = units.reduce((size, { judged }) => Math.min(size, judged.length), Infinity);
  return units.find(({ judged }) => judged.length === least);
}

/**
 * Shares round(fraction × all samples) among strata by largest remainder, the first stratum first
 * among equals, never more than a stratum has left after `taken`.
 */
function quotas(
  strata: readonly (readonly Unit[])[],
  fraction: number,
  taken: readonly number[] = [],
): number[] {
  const sizes = strata.map((stratum) =>
    stratum.reduce((sum, { judged }) => sum + judged.length, 0),
  );
  const room = sizes.map((size, s) => size - (taken[s] ?? 0));
  const shares = sizes.map((size, s) => Math.min(room[s]!, Math.floor(size * fraction)));
  const byRemainder = sizes
    .map((size, s) => ({ s, remainder: size * fraction - shares[s]! }))
    .sort((a, b) => b.remainder - a.remainder || a.s - b.s);
  const total = sizes.reduce((a, b) => a + b, 0);
  let missing = Math.round(total * fraction) - shares.reduce((a, b) => a + b, 0);
  for (const { s } of byRemainder)
    if (missing > 0 && shares[s]! < room[s]!) {
      shares[s]!++;
      missing--;
    }
  return shares;
}

/** Sets of samples that must stay on one side: identical ones, and those of one group. */
function unitsOf(dataset: Dataset, { by, duplicates = "refuse" }: SplitOptions): number[][] {
  const identical = identicalSets(dataset);
  if (by !== "group") {
    if (duplicates === "refuse") assertNoDuplicates(dataset, identical);
    return identical;
  }
  const groups = dataset.groups!; // assertOptions has checked
  if (duplicates === "refuse") assertNotInTwoGroups(dataset, groups, identical);
  const all = identical.flat().sort((a, b) => a - b);
  return joined(all, [identical, groupBy(all, (index) => groups[index]!)]);
}

/** Smallest sets that are unions of whole sets of every partition (union–find). */
function joined(all: readonly number[], partitions: readonly number[][][]): number[][] {
  const parent = Int32Array.from(all);
  const root = (index: number): number => {
    let at = index;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  for (const set of partitions.flat()) for (const index of set) parent[root(index)] = root(set[0]!);
  return groupBy(all, root);
}

function assertOptions(dataset: Dataset, options: SplitOptions): void {
  const { validation, test, by, stratified, duplicates = "refuse" } = options;
  const where = `split of ${dataset.name}`;
  if (by !== undefined) assertKnown(where, "by", by, ["sample", "group"]);
  assertKnown(where, "duplicates", duplicates, ["refuse", "same-side"]);
  const total = validation + (test ?? 0);
  if (!(validation > 0) || !(test === undefined || test > 0) || !(total < 1))
    throw new ConfigError("config/range", {
      where: `split of ${dataset.name}`,
      rule: "validation and test must be parts between 0 and 1 that leave samples to train on",
      got: `validation ${validation}, test ${test ?? "none"}`,
      fix: "Use for example validation 0.1, test 0.1",
      details: { validation, test },
    });
  if (by === "sample" && dataset.wholeGroups === true)
    throw new ConfigError("config/conflict", {
      where: `split of ${dataset.name}`,
      rule: "windows of one recording are nearly the same and must stay on one side",
      got: "by: sample",
      fix: "Split by group",
      details: {},
    });
  if (by === "group" && dataset.groups === null)
    throw new DataError("data/groups", {
      where: `split of ${dataset.name}`,
      rule: "a split by group needs the group of each sample",
      got: "a data set without groups",
      fix: "Name the group column of the source, or split by sample",
      details: {},
    });
  if (by === "group" && stratified === true)
    throw new ConfigError("config/conflict", {
      where: `split of ${dataset.name}`,
      rule: "a split by group cannot be stratified, because groups stay whole",
      got: "by: group with stratified: true",
      fix: "Leave stratified out, or split by sample",
      details: {},
    });
}

function emptyPart(dataset: Dataset, part: string, units: number, by: string): DataError {
  const labelled = dataset.labels.filter((label) => label !== UNLABELLED).length;
  return new DataError("data/split-empty", {
    where: `split of ${dataset.name}`,
    rule: `the ${part} part must hold at least one ${by}`,
    got: `none of ${units} (${dataset.length} samples, ${labelled} with a label)`,
    fix: `Ask for a larger ${part} part, give more data${by === "group" ? ", or split by sample" : ""}`,
    details: { part, units, samples: dataset.length, labelled },
  });
}
