/** @file Groups of samples, and that the columns of several tables are the same. */

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

export interface ColumnCheck {
  /** is told of every file's feature columns. @throws DataError "data/columns" */
  readonly assertSame: (where: string, names: readonly string[], group?: string | null) => void;
  /** @returns those of the first file, which has been looked at */
  readonly first: () => readonly string[];
  /** @returns the name of its column of groups, if one was asked for */
  readonly group: () => string | undefined;
}

/** @returns a check that all files have the columns of the first, in its order */
export function sameColumns(): ColumnCheck {
  let first: { readonly where: string; readonly names: readonly string[] } | undefined;
  let groupName: string | undefined;
  const assertSame = (where: string, names: readonly string[], group?: string | null): void => {
    if (first === undefined) groupName = group ?? undefined;
    first ??= { where, names };
    const wanted = first.names.join(", ");
    const got = names.join(", ");
    if (got === wanted) return;
    throw new DataError("data/columns", {
      where,
      rule: `feature columns must be those of ${first.where}, in their order: ${wanted}`,
      got,
      fix: "Name and order the columns alike, or ignore those that are not in both",
      details: { wanted: first.names, got: names },
    });
  };
  return { assertSame, first: () => first?.names ?? [], group: () => groupName };
}
