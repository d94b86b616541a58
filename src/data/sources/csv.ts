/**
 * @file Tables: one line a sample, numbers as features, one column for the class. Cells are told
 * apart by csv-parse, which has one build for Node and a slower one for browsers: it is handed in.
 */

import type { SampleDType } from "../../engine/tensor/index.ts";
import { elementCount, type Shape, showShape } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import type { CsvOptions } from "./data-spec.ts";
import { groupOf } from "./groups.ts";
import { convertSamples, type RawSamples } from "./raw-array.ts";
import { isNumber, type TableColumns, type TableOptions, tableColumns } from "./table-columns.ts";

const notFinite = /^[+-]?(nan|inf|infinity)$/i;

/** A table's samples, classes still as names. */
export interface Table extends RawSamples {
  /** class name per sample; undefined where the class is not known */
  readonly classes: readonly (string | undefined)[];
  readonly groups: readonly string[] | null;
  /** name of each feature column */
  readonly columns: readonly string[];
  /** name of the column of groups, or null */
  readonly groupColumn: string | null;
  /** line in the file, from 1, of each sample */
  readonly lines: Int32Array;
}

/**
 * Reads a table.
 *
 * @param parse csv-parse for this platform
 * @param where the file's name, for messages
 * @throws DataError "data/number" or "data/not-finite" for a feature that is not a finite number,
 *   with its line and column; "data/label" for an empty class, "data/group" for an empty
 *   group; "file/columns" for a line with another number of cells; "data/empty" without a line;
 *   "data/shape"; and as tableColumns
 */
export function parseTable(
  parse: CsvParse,
  text: string,
  where: string,
  options: TableOptions,
): Table {
  const delimiter = options.delimiter ?? guessDelimiter(text);
  const values = growing();
  const classes: (string | undefined)[] = [];
  const groups: string[] = [];
  const lines: number[] = [];
  let columns: TableColumns | undefined;
  readRecords(parse, text, where, delimiter, (record, line) => {
    if (columns === undefined) {
      columns = tableColumns(record, where, options);
      if (options.header !== false) return;
    }
    const place = `${where}, line ${line}`;
    for (const at of columns.features)
      values.push(numberOf(record[at]!, place, columns.names[at]!, options));
    if (columns.label !== null) classes.push(classOf(record[columns.label]!, place, options));
    else classes.push(undefined);
    if (columns.group !== null) groups.push(groupOf(record[columns.group]!, place));
    lines.push(line);
  });
  if (columns === undefined || lines.length === 0) throw emptyTable(where);
  const { names, features } = columns;
  const dtype: SampleDType = options.dtype ?? "float32";
  return {
    dtype,
    shape: sampleShape(where, options.shape, features.length),
    data: convertSamples(where, values.taken(), dtype),
    classes,
    groups: columns.group === null ? null : groups,
    columns: features.map((at) => names[at]!), // features are column numbers
    groupColumn: columns.group === null ? null : names[columns.group]!,
    lines: Int32Array.from(lines),
  };
}

/** csv-parse's own settings, as far as they are used. */
interface CsvParseOptions {
  readonly bom: true;
  readonly delimiter: string;
  readonly trim: true;
  readonly skip_empty_lines: true;
  readonly on_record: (record: readonly string[], context: { readonly lines: number }) => null;
}

/** `parse` of csv-parse/sync or csv-parse/browser/esm/sync. */
type CsvParse = (text: string, options: CsvParseOptions) => unknown;

/** Calls `onRecord` for every line; keeps none. @throws DataError "file/columns" */
export function readRecords(
  parse: CsvParse,
  text: string,
  where: string,
  delimiter: string,
  onRecord: (record: readonly string[], line: number) => void,
): void {
  try {
    parse(text, {
      bom: true,
      delimiter,
      trim: true,
      skip_empty_lines: true,
      on_record: (record, { lines }) => {
        onRecord(record, lines);
        return null; // nothing is kept twice
      },
    });
  } catch (error) {
    const malformed = error instanceof Error && "code" in error && /^CSV_/.test(`${error.code}`);
    if (!malformed) throw error;
    throw new DataError("file/columns", {
      where,
      rule: "every line must be well-formed and have as many cells as the first",
      got: error.message,
      fix: `Correct the line; cells are separated by ${JSON.stringify(delimiter)}`,
      details: { file: where, reason: error.code },
      cause: error,
    });
  }
}

/** Numbers appended one by one. */
interface Growing {
  readonly push: (value: number) => void;
  /** @returns the numbers so far, without copying */
  readonly taken: () => Float64Array;
}

function growing(): Growing {
  let values = new Float64Array(1024);
  let length = 0;
  const push = (value: number): void => {
    if (length === values.length) {
      const larger = new Float64Array(2 * length);
      larger.set(values);
      values = larger;
    }
    values[length++] = value;
  };
  return { push, taken: () => values.subarray(0, length) };
}

/** @returns the one of , ; tab that the first line holds most of */
export function guessDelimiter(text: string): string {
  const first = text.slice(0, text.search(/[\r\n]|$/)).replace(/"[^"]*"/g, "");
  const count = (delimiter: string): number => first.split(delimiter).length;
  return [",", ";", "\t"].reduce((best, next) => (count(next) > count(best) ? next : best));
}

function numberOf(cell: string, place: string, column: string, options: CsvOptions): number {
  const value = Number(cell);
  if (isNumber(cell) && Number.isFinite(value)) return value;
  const infinite = notFinite.test(cell) || isNumber(cell);
  throw new DataError(infinite ? "data/not-finite" : "data/number", {
    where: `${place}, column "${column}"`,
    rule: "features must be finite numbers",
    got: cell === "" ? "an empty cell" : `"${cell}"`,
    fix: numberFix(cell, options.header === false && place.endsWith("line 1")),
    details: { column, cell },
  });
}

function numberFix(cell: string, isFirstLine: boolean): string {
  if (isFirstLine) return "Set header: true if line 1 names the columns";
  if (/^[+-]?\d+,\d+$/.test(cell))
    return "Write decimal points: save the table with another locale";
  return "Correct the cell, remove the line, or add the column to ignore";
}

/** @throws DataError "data/label" for an empty cell that does not mean "class not known" */
export function classOf(
  cell: string,
  place: string,
  { unlabelled }: Pick<CsvOptions, "unlabelled">,
): string | undefined {
  if (cell === unlabelled) return undefined;
  if (cell !== "") return cell;
  throw new DataError("data/label", {
    where: place,
    rule: "every sample must have a class",
    got: "an empty cell",
    fix: 'Fill it in, or set unlabelled: "" if empty means that the class is not known',
    details: {},
  });
}

function sampleShape(where: string, shape: Shape | undefined, features: number): Shape {
  if (shape === undefined || elementCount(shape) === features) return shape ?? [features];
  throw new DataError("data/shape", {
    where,
    rule: `the sample shape ${showShape(shape)} must hold as many elements as there are feature columns`,
    got: `${features} columns`,
    fix: "Correct the shape, or the columns to ignore",
    details: { file: where, shape, features },
  });
}

function emptyTable(where: string): DataError {
  return new DataError("data/empty", {
    where,
    rule: "the table must hold a sample",
    got: "none",
    fix: "Check that the right file was given",
    details: { file: where },
  });
}
