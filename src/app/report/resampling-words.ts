/** @file In words: what the intervals resample beside seeds. */

import { type Groups, leastGroups } from "../../distill/metrics/index.ts";

/** From as many groups on a percentile interval is not much too narrow. */
const manyGroups = 10;

/** null, or undefined in older reports: each sample is drawn by itself */
export type GroupCount = number | null | undefined;

/** "test samples", or "20 groups of test samples" */
export function unitsText(groups: GroupCount, samples = "test samples"): string {
  if (groups === null || groups === undefined) return samples;
  return `${groups} ${groups === 1 ? "group" : "groups"} of ${samples}`;
}

/** @returns false where there are too few groups */
export function hasIntervals(groups: GroupCount): boolean {
  return groups === null || groups === undefined || groups >= leastGroups;
}

/** A sentence on the intervals of samples that belong together; none where they do not. */
export function groupNotes(groups: GroupCount, samples = "test samples"): readonly string[] {
  if (groups === null || groups === undefined) return [];
  const such = "such as speakers or recordings";
  if (!hasIntervals(groups))
    return [
      `The ${samples} belong to ${groups} ${groups === 1 ? "group" : "groups"}, ${such}: too few for an interval, so none is given.`,
    ];
  const few = groups < manyGroups ? ": so few that they are somewhat too narrow" : "";
  return [`95 % intervals are over seeds and ${unitsText(groups, samples)}, ${such}${few}.`];
}

/** @returns how many groups there are; null where each sample is drawn by itself */
export function countGroups(groups: Groups): number | null {
  return groups === null || groups === undefined ? null : new Set(groups).size;
}
