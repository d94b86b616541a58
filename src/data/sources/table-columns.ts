/** @file Which column of a table is which: by name or number, and the features beside the rest. */

import { ConfigError, DataError, unknownName } from "../../errors/index.ts";
import type { CsvOptions } from "./data-spec.ts";

/** Numbers of a table's columns, from 0. */
export interface TableColumns {
  readonly features: readonly number[];
  readonly label: number | null;
  readonly group: number | null;
  readonly names: readonly string[];
}

/** How a table's columns are told apart. */
export interface TableOptions extends CsvOptions {
  /** of the feature columns those that are used, by name or number among them; default all */
  readonly channels?: readonly (string | number)[];
  /** the feature columns, by name, in this order; default: all but class, group and `ignore` */
  readonly features?: readonly string[];
}

interface Wanted {
  /** what is asked for; default "column" */
  readonly kind?: "column" | "channel";
  /** what to do where several have the name; default: for names that a recipe gives */
  readonly fix?: string;
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
  wanted: Wanted = {},
): number {
  const at = typeof column === "number" ? column : names.indexOf(column);
  const { kind = "column" } = wanted;
  if (names[at] === undefined) throw unknownName(where, kind, String(column), names);
  if (typeof column === "string" && names.lastIndexOf(column) > at)
    throw repeatedName(where, column, names, wanted);
  return at;
}

/**
 * @param first the table's first line, cell by cell
 * @throws as columnNumber; ConfigError "config/conflict" for `columns` beside `ignore`, or of which
 *   one is the class, the group, or there twice; DataError "file/columns" for a header that is
 *   none, a feature that is used and has no name, or one that is called as the column of the class,
 *   unless that is said by number; "data/empty" without a feature
 */
export function tableColumns(
  first: readonly string[],
  where: string,
  options: TableOptions,
): TableColumns {
  const header = options.header !== false;
  const names = header ? first : first.map((_, at) => String(at));
  if (header) assertHeader(names, where);
  const find = (column: string | number): number => columnNumber(where, column, names);
  const label = options.label === null ? null : find(options.label ?? names.length - 1);
  const group = options.group === undefined ? null : find(options.group);
  const others = [label, group, ...(options.ignore ?? []).map(find)];
  const chosen = (options.features ?? options.columns)?.map(find);
  if (options.features === undefined && chosen !== undefined)
    assertFeatures(where, chosen, others, names);
  const features = chosen ?? [...names.keys()].filter((at) => !others.includes(at));
  if (features.length === 0)
    throw new DataError("data/empty", {
      where,
      rule: "there must be a feature column beside class and group",
      got: `columns ${names.join(", ")}`,
      fix: "Check the delimiter and the ignored columns",
      details: { file: where, columns: names },
    });
  const isUsed = (at: number, feature: number): boolean =>
    options.channels?.some((channel) => channel === feature || channel === names[at]) ?? true;
  const used = features.filter(isUsed);
  const nameless = used.find((at) => isNameless(names[at]!)); // they are column numbers
  if (nameless !== undefined)
    throw namelessFeature(`${where}, line 1`, names[nameless]!, nameless, nameless);
  const isClass = (at: number): boolean => label !== null && names[at] === names[label];
  if (typeof options.label !== "number" && features.some(isClass))
    throw repeatedName(where, names[label!]!, names); // it has the name of a feature
  return { features, label, group, names };
}

/** @param others columns that are no features: class, group, and those to be ignored */
function assertFeatures(
  where: string,
  chosen: readonly number[],
  others: readonly (number | null)[],
  names: readonly string[],
): void {
  const [, , ...ignored] = others;
  const wrong = chosen.find((at, place) => others.includes(at) || chosen.indexOf(at) !== place);
  if (ignored.length === 0 && wrong === undefined) return;
  throw new ConfigError("config/conflict", {
    where: `${where}, columns`,
    rule: "columns names the features, each once, so nothing is left to ignore, and class and group are not among them",
    got: ignored.length > 0 ? "columns and ignore" : `"${names[wrong!]}"`, // one of the two
    fix: "Leave the column, or ignore, out",
  });
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

function repeatedName(
  where: string,
  name: string,
  names: readonly string[],
  { kind = "column", fix = "Rename one, or use their numbers in the recipe" }: Wanted = {},
): DataError {
  const columns = [...names.keys()].filter((at) => names[at] === name);
  return new DataError("file/columns", {
    where: `${where}, line 1`,
    rule: `a name must mean one ${kind}`,
    got: `"${name}" for ${kind}s ${columns.join(", ")}`,
    fix,
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
