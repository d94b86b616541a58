/** @file A table that says what recordings are: their classes, their groups, or both. */

import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { DataError, nearestName } from "../../errors/index.ts";
import { guessDelimiter, readRecords } from "./csv.ts";
import { decodeText } from "./decode-text.ts";
import { groupOf } from "./groups.ts";
import { readFileBytes } from "./read-file-node.ts";
import { columnNumber } from "./table-columns.ts";

/** What a line says of a recording. */
export interface LabelRow {
  /** undefined: not known; null: the table has no column of classes */
  readonly class: string | undefined | null;
  /** never empty; undefined: the table has no column of groups */
  readonly group: string | undefined;
  /** in the file, from 1 */
  readonly line: number;
}

interface LabelTable {
  readonly path: string;
  readonly folder: string;
  /** the recordings: their paths in the folder */
  readonly names: readonly string[];
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
 * "file" and one of the others. Its lines may name recordings of other folders, too.
 *
 * @returns what it says of every recording
 * @throws DataError "file/missing" for the table; "file/magic", "file/columns"; "data/class" for a
 *   recording without a line, or a file that two lines name; "data/group" for an empty group;
 *   ConfigError "config/unknown-name" for a column that is missing
 */
export async function readLabels(table: LabelTable): Promise<ReadonlyMap<string, LabelRow>> {
  const { path } = table;
  const text = decodeText(await readFileBytes(path, "a table of labels"), path);
  const rows = new Map<string, LabelRow>();
  let columns: Columns | undefined;
  readRecords(parse, text, path, guessDelimiter(text), (record, line) => {
    if (columns === undefined) {
      columns = columnsOf(record, table);
      return;
    }
    const name = record[columns.file]!; // every line has as many cells as the first
    const before = rows.get(name);
    if (before !== undefined) throw namedTwice(`${path}, line ${line}`, name, before.line);
    rows.set(name, {
      class: columns.label === null ? null : record[columns.label] || undefined,
      group: columns.group === null ? undefined : record[columns.group],
      line,
    });
  });
  for (const name of table.names) {
    const row = rows.get(name);
    if (row === undefined) throw noLine(name, rows, table);
    if (row.group !== undefined) groupOf(row.group, `${path}, line ${row.line}`, emptyGroupFix);
  }
  return rows;
}

const emptyGroupFix = "Fill it in; the file's own name makes a recording a group by itself";

function columnsOf(header: readonly string[], { path, mayLackClasses }: LabelTable): Columns {
  const find = (name: string): number => columnNumber(path, name, header, { fix: "Rename one" });
  const label = mayLackClasses && !header.includes("label") ? null : find("label");
  const group = label !== null && !header.includes("group") ? null : find("group");
  return { file: find("file"), label, group };
}

/** Lines of other recordings are no fault, but one of them may be this one's, misspelled. */
function noLine(
  name: string,
  rows: ReadonlyMap<string, LabelRow>,
  { path, folder, names }: LabelTable,
): DataError {
  const own = new Set(names);
  const others = [...rows.keys()].filter((file) => !own.has(file));
  const near = nearestName(name, others);
  const correct =
    near === undefined ? "" : `, or correct line ${rows.get(near)!.line} if "${near}" means it`;
  return new DataError("data/class", {
    where: join(folder, name),
    rule: "every recording must be in the table of labels",
    got: `no line with file ${name} in ${path}`,
    fix: `Add the line, with an empty label if the class is not known${correct}`,
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
