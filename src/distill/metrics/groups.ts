/** @file Units that belong together (speakers, recordings): added up, and drawn as one. */

import { ShapeError } from "../../errors/index.ts";

/** With fewer groups there is no interval: one or two say nothing of how groups differ. */
export const leastGroups = 3;

/** Group of each unit; null or undefined where every unit is drawn by itself. */
export type Groups = readonly string[] | null | undefined;

/**
 * What adds up the units of each group, groups in the order of their first units. Without groups
 * rows stay as they are.
 *
 * @returns from [units] to [groups]
 * @throws ShapeError "shape/mismatch" unless there is one group for each unit
 */
export function groupSums(
  where: string,
  groups: Groups,
  units: number,
): (row: ArrayLike<number>) => ArrayLike<number> {
  if (groups === null || groups === undefined) return (row) => row;
  if (groups.length !== units)
    throw new ShapeError("shape/mismatch", {
      where,
      rule: "each unit that is counted must have its group",
      got: `${units} units and ${groups.length} groups`,
      fix: "Give the groups of the same samples, in the same order",
      details: { units, groups: groups.length },
    });
  const places = new Map<string, number>();
  const placeOf = Int32Array.from(groups, (group) => {
    const place = places.get(group) ?? places.size;
    places.set(group, place);
    return place;
  });
  return (row) => {
    const sums = new Float64Array(places.size);
    for (let unit = 0; unit < units; unit++) sums[placeOf[unit]!]! += row[unit]!;
    return sums;
  };
}

/** @param sizes [groups]: those of size 0 say nothing. @returns false for too few of them */
export function isEnough(groups: Groups, sizes: ArrayLike<number>): boolean {
  if (groups === null || groups === undefined) return true;
  return Array.from(sizes).filter((size) => size !== 0).length >= leastGroups;
}
