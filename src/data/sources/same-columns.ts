/** @file Files that are put together, tested on or taught from have the same feature columns. */

import { DataError } from "../../errors/index.ts";

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
