/** @file Groups that stand in files as text. */

import { DataError } from "../../errors/index.ts";

/**
 * @param fix what to do about an empty cell
 * @returns the group that a cell names
 * @throws DataError "data/group" for an empty cell: all samples with one would be a single group
 */
export function groupOf(
  cell: string,
  place: string,
  fix = "Fill it in; or, to split by sample, leave group out and add the column to ignore",
): string {
  if (cell !== "") return cell;
  throw new DataError("data/group", {
    where: place,
    rule: "every sample must have a group",
    got: "an empty cell",
    fix,
    details: {},
  });
}
