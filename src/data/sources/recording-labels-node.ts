/** @file A table that says what recordings are: their classes, their groups, or both. */

import { parse } from "csv-parse/sync";
import { DataError, nearestName } from "../../errors/index.ts";
import { guessDelimiter, readRecords } from "./csv.ts";
import { decodeText } from "./decode-text.ts";
import { readFileBytes } from "./read-file-node.ts";
import { columnNumber } from "./table-columns.ts";

/** What a line says of a recording. */
export interface LabelRow {
  /** undefined: not known; null: the table has no column of classes */
  readonly class: string | undefined | null;
  /** undefined: the table has no column of groups */
  readonly group: string | undefined;
  /** in the file, from 1 */
  readonly line: number;
}

export interface LabelTable {
  readonly path: string;
  /** recordings that a line may name: their paths in the folder */
  readonly names: readonly string[];
  /** the folder, for messages */
  readonly folder: string;
  /** whether the table may leave classes out, for recordings whose lines hold them */
  readonly mayLackClasses: boolean;
}

interface Columns {
  readonly file: number;
  readonly label: number | null;
  readonly group: number | null;
}

/**
 * Reads a table with columns "file", "label" and perhaps "group"; where it may lack classes, with
 * "file" and one of the others.
 *
 * @returns what it says, by file
 * @throws DataError "file/missing" for the table, or for a line's file that there is not;
 *   "file/magic", "file/columns"; "data/class" for a file that two lines name; ConfigError
 *   "config/unknown-name" for a column that is missing
 */
export async function readLabels(table: LabelTable): Promise<ReadonlyMap<string, LabelRow>> {
  const { path } = table;
  const text = decodeText(await readFileBytes(path, "a table of labels"), path);
  const names = new Set(table.names);
  const rows = new Map<string, LabelRow>();
  let columns: Columns | undefined;
  readRecords(parse, text, path, guessDelimiter(text), (record, line) => {
    if (columns === undefined) {
      columns = columnsOf(record, table);
      return;
    }
    const name = record[columns.file]!; // every line has as many cells as the first
    const place = `${path}, line ${line}`;
    if (!names.has(name)) throw noRecording(place, name, table);
    const before = rows.get(name);
    if (before !== undefined) throw namedTwice(place, name, before.line);
    rows.set(name, {
      class: columns.label === null ? null : record[columns.label] || undefined,
      group: columns.group === null ? undefined : record[columns.group],
      line,
    });
  });
  return rows;
}

function columnsOf(header: readonly string[], { path, mayLackClasses }: LabelTable): Columns {
  const find = (name: string): number => columnNumber(path, name, header);
  const label = mayLackClasses && !header.includes("label") ? null : find("label");
  const group = label !== null && !header.includes("group") ? null : find("group");
  return { file: find("file"), label, group };
}

function noRecording(place: string, name: string, { names, folder }: LabelTable): DataError {
  const near = nearestName(name, names);
  return new DataError("file/missing", {
    where: place,
    rule: `every file must be a recording in ${folder}`,
    got: `"${name}"`,
    fix: `${near === undefined ? "Bring" : `Did you mean "${near}"? Otherwise bring`} the recording back, or remove the line`,
    details: { file: name, near },
  });
}

function namedTwice(place: string, name: string, before: number): DataError {
  return new DataError("data/class", {
    where: place,
    rule: "every recording must stand in one line",
    got: `"${name}" again, after line ${before}`,
    fix: "Remove one of the lines",
    details: { file: name },
  });
}
