/**
 * @file Identical samples: found by key, removed, or refused where they would stand on two sides.
 */

import { DataError } from "../errors/index.ts";
import { subset } from "./array-dataset.ts";
import type { Dataset } from "./dataset.ts";
import { seenByTeacher } from "./teacher-inputs.ts";

/**
 * @returns sets of numbers of identical samples, in the order of their first samples; most sets
 * hold one
 */
export function identicalSets(dataset: Dataset): number[][] {
  return groupBy(
    Array.from({ length: dataset.length }, (_, index) => index),
    valueKeyOf(dataset),
  );
}

/** @returns what tells a sample's key to compare it by: −0 and 0 are one number */
export function valueKeyOf({ key, valueKey }: Pick<Dataset, "key" | "valueKey">): Dataset["key"] {
  return valueKey ?? key;
}

/** @returns the items of each key, keys in the order of their first items */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): T[][] {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** The data set with only the first of each set of identical samples. */
export function withoutDuplicates(dataset: Dataset): Dataset {
  const first = identicalSets(dataset).map((set) => set[0]!);
  return first.length === dataset.length ? dataset : subset(dataset, first, dataset.name);
}

/**
 * Refuses data sets of which one holds a sample that stands in another too, or one of which the
 * teacher sees the same.
 *
 * @param parts data sets by the name used in messages ("train", "test")
 * @throws DataError "data/leak" with the number of shared samples and an example
 */
export function assertDisjoint(parts: Readonly<Record<string, Dataset>>): void {
  assertNoneShared(parts, "Remove them from one side");
  const paired = Object.entries(parts).filter(([, { teacherInputs }]) => teacherInputs);
  const seen = paired.map(([name, part]) => [`teacher's ${name}`, seenByTeacher(part)]);
  assertNoneShared(
    Object.fromEntries(seen),
    "Remove them from one side; or, where one data set is split, give samples that are alike to the teacher one group and split by it",
  );
}

function assertNoneShared(parts: Readonly<Record<string, Dataset>>, fix: string): void {
  const names = Object.keys(parts);
  const positions = names.map((name) => firstPositions(parts[name]!));
  for (let a = 0; a < names.length; a++)
    for (let b = a + 1; b < names.length; b++) {
      const shared = [...positions[b]!].filter(([key]) => positions[a]!.has(key));
      const [example] = shared;
      if (example === undefined) continue;
      const [key, inB] = example;
      throw new DataError("data/leak", {
        where: `${names[a]} and ${names[b]}`,
        rule: "no sample may stand on two sides",
        got: `${shared.length} identical, for example ${names[a]} ${positions[a]!.get(key)} = ${names[b]} ${inB}`,
        fix,
        details: { sides: [names[a], names[b]], shared: shared.length, key },
      });
    }
}

/**
 * Refuses two data sets that share a group: a speaker, device or recording heard on both sides.
 * Sets without groups, or with groups that are names of their own files, share none; two parts that
 * were split by sample may share any.
 *
 * @param parts two data sets by the name used in messages
 * @throws DataError "data/leak" with the shared groups
 */
export function assertGroupsApart(parts: Readonly<Record<string, Dataset>>): void {
  const names = Object.keys(parts);
  const sets = Object.values(parts);
  if (sets.every(({ splitBySample, wholeGroups }) => splitBySample && !wholeGroups)) return;
  const [first, second] = sets.map(({ groups, localGroups }) =>
    localGroups === true ? [] : [...new Set(groups ?? [])],
  );
  const known = new Set(first);
  const shared = (second ?? []).filter((group) => known.has(group));
  if (shared.length === 0) return;
  const more = shared.length > 5 ? `, and ${shared.length - 5} more` : "";
  throw new DataError("data/leak", {
    where: names.join(" and "),
    rule: "no group may stand on two sides",
    got: `${shared.slice(0, 5).join(", ")}${more}`,
    fix: "Move each group to one side; rename groups that only have the same name; or leave the groups out",
    details: { sides: names, groups: shared },
  });
}

function firstPositions(dataset: Dataset): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  const keyOf = valueKeyOf(dataset);
  for (let index = 0; index < dataset.length; index++) {
    const key = keyOf(index);
    if (!positions.has(key)) positions.set(key, index);
  }
  return positions;
}

/** @throws DataError "data/duplicates" if a set holds two samples */
export function assertNoDuplicates(dataset: Dataset, identical: readonly number[][]): void {
  const repeated = identical.find((set) => set.length > 1);
  if (repeated === undefined) return;
  const count = dataset.length - identical.length;
  throw new DataError("data/duplicates", {
    where: `split of ${dataset.name}`,
    rule: "identical samples could end on two sides",
    got: `${count} repeated of ${dataset.length}, for example samples ${repeated[0]} and ${repeated[1]}`,
    fix: 'Remove the repeats (in code: withoutDuplicates), or keep them together with split: {duplicates: "same-side"}',
    details: { repeated: count, example: repeated.slice(0, 2) },
  });
}

/**
 * Refuses samples that stand in two groups, by which a data set is to be split. Identical samples
 * of one group (still stretches of a recording) stay on its side.
 *
 * @throws DataError "data/duplicates" with the groups
 */
export function assertNotInTwoGroups(
  dataset: Dataset,
  groups: readonly string[],
  identical: readonly number[][],
): void {
  const groupsOf = (set: readonly number[]): Set<string> =>
    new Set(set.map((index) => groups[index]!));
  const shared = identical.filter((set) => set.length > 1 && groupsOf(set).size > 1);
  const [repeated] = shared;
  if (repeated === undefined) return;
  const first = repeated[0]!;
  const second = repeated.find((index) => groups[index] !== groups[first])!; // it has two groups
  const names = [...groupsOf(shared.flat())];
  const more = names.length > 5 ? `, and ${names.length - 5} more` : "";
  throw new DataError("data/duplicates", {
    where: `split of ${dataset.name}`,
    rule: "identical samples of two groups could end on two sides",
    got: `${shared.length} repeated across the groups ${names.slice(0, 5).join(", ")}${more}, for example samples ${first} (${groups[first]}) and ${second} (${groups[second]})`,
    fix: 'Remove the repeats (in code: withoutDuplicates), or keep such groups together with split: {duplicates: "same-side"}',
    details: { repeated: shared.length, example: [first, second], groups: names },
  });
}
