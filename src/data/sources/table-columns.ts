/** @file Which column of a table is which: by name or number, and the features beside the rest. */

import { DataError, unknownName } from "../../errors/index.ts";
import type { CsvOptions } from "./data-spec.ts";

/** Numbers of a table's columns, from 0. */
export interface TableColumns {
  readonly features: readonly number[];
  readonly label: number | null;
  readonly group: number | null;
  readonly names: readonly string[];
}

/**
 * @param names of all columns: those of the header, or their numbers
 * @throws ConfigError "config/unknown-name" for a column that is not there; DataError
 *   "file/columns" for a name that several columns have
 */
export function columnNumber(
  where: string,
  column: string | number,
  names: readonly string[],
): number {
  const at = typeof column === "number" ? column : names.indexOf(column);
  if (names[at] === undefined) throw unknownName(where, "column", String(column), names);
  if (typeof column === "string" && names.lastIndexOf(column) > at)
    throw repeatedName(where, column, names);
  return at;
}

/**
 * @param first the table's first line, cell by cell
 * @throws as columnNumber; DataError "file/columns" for a header that is none, a feature without a
 *   name, or columns of one name; "data/empty" without a feature
 */
export function tableColumns(
  first: readonly string[],
  where: string,
  options: CsvOptions,
): TableColumns {
  const header = options.header !== false;
  const names = header ? first : first.map((_, at) => String(at));
  if (header) assertHeader(names, where);
  const find = (column: string | number): number => columnNumber(where, column, names);
  const label = options.label === null ? null : find(options.label ?? names.length - 1);
  const group = options.group === undefined ? null : find(options.group);
  const ignored = new Set((options.ignore ?? []).map(find));
  const features = [...names.keys()].filter(
    (at) => at !== label && at !== group && !ignored.has(at),
  );
  if (features.length === 0)
    throw new DataError("data/empty", {
      where,
      rule: "there must be a feature column beside class and group",
      got: `columns ${names.join(", ")}`,
      fix: "Check the delimiter and the ignored columns",
      details: { file: where, columns: names },
    });
  const nameless = features.find((at) => isNameless(names[at]!)); // features are column numbers
  if (nameless !== undefined)
    throw namelessFeature(`${where}, line 1`, names[nameless]!, nameless, nameless);
  const kept = [...names.keys()].filter((at) => !ignored.has(at));
  const last = new Map(kept.map((at) => [names[at], at]));
  const repeated = kept.find((at) => last.get(names[at]) !== at);
  if (repeated !== undefined) throw repeatedName(where, names[repeated]!, names);
  return { features, label, group, names };
}

/** Has nobody named this column? pandas reads such a one as "Unnamed: 0". */
export function isNameless(name: string): boolean {
  return name === "" || /^Unnamed: \d+$/.test(name);
}

/** @param ignore what to say in `ignore` to leave the column out */
export function namelessFeature(
  where: string,
  name: string,
  at: number,
  ignore: string | number,
): DataError {
  return new DataError("file/columns", {
    where,
    rule: "every feature column must have a name",
    got: `${name === "" ? "none" : `"${name}"`} for column ${at}`,
    fix: `Leave it out with ignore: [${JSON.stringify(ignore)}] if it only numbers the lines, as pandas' index does; else name it`,
    details: { column: at, name },
  });
}

function repeatedName(where: string, name: string, names: readonly string[]): DataError {
  const columns = [...names.keys()].filter((at) => names[at] === name);
  return new DataError("file/columns", {
    where: `${where}, line 1`,
    rule: "columns must have names of their own",
    got: `"${name}" for columns ${columns.join(", ")}`,
    fix: "Rename one, or use their numbers in label, group and ignore",
    details: { file: where, name, columns },
  });
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Is this cell a number as text? */
export function isNumber(cell: string): boolean {
  return number.test(cell);
}

function assertHeader(names: readonly string[], where: string): void {
  if (!names.every(isNumber)) return;
  throw new DataError("file/columns", {
    where: `${where}, line 1`,
    rule: "the header must name columns",
    got: `only numbers (${names.slice(0, 4).join(", ")}, …)`,
    fix: "Set header: false if line 1 is a sample",
    details: { file: where },
  });
}
