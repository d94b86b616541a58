/** @file From columns of a Parquet file to features, classes and groups. */

import { elementCount, type Shape, showShape } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import { UNLABELLED } from "../dataset.ts";
import { classIndices, numberedClasses, sortedClasses } from "./classes.ts";
import type { ParquetOptions } from "./data-spec.ts";
import { decodeText } from "./decode-text.ts";
import { groupOf } from "./groups.ts";
import type { ParquetColumn, ParquetTable } from "./parquet.ts";
import { convertSamples, type RawSamples } from "./raw-array.ts";

/** One file's columns, and the name that messages give it. */
export interface ParquetPart {
  readonly where: string;
  readonly table: ParquetTable;
}

/**
 * Puts number columns side by side, file after file. A column of lists counts as many features as
 * its lists have numbers.
 *
 * @returns samples of shape [features], or of the shape that was asked for
 * @throws DataError "data/number" for a cell that is not a number, "data/shape" for lists of
 *   different lengths or a shape that does not fit, "data/dtype" as convertSamples
 */
export function parquetFeatures(
  parts: readonly ParquetPart[],
  options: ParquetOptions,
): RawSamples {
  const length = parts.reduce((sum, { table }) => sum + table.length, 0);
  const width = rowOf(parts[0]!, 0).length; // at least one file, each with at least one row
  const values = new Float64Array(length * width);
  let at = 0;
  for (const part of parts)
    for (let row = 0; row < part.table.length; row++) {
      const numbers = rowOf(part, row);
      if (numbers.length !== width) throw otherWidth(part.where, row, width, numbers.length);
      values.set(numbers, at);
      at += width;
    }
  const { where } = parts[0]!;
  const shape = options.shape ?? [width];
  if (elementCount(shape) !== width) throw otherShape(where, shape, width);
  const dtype = options.dtype ?? "float32";
  return { dtype, shape, data: convertSamples(where, values, dtype) };
}

function rowOf({ where, table }: ParquetPart, row: number): number[] {
  const numbers: number[] = [];
  const add = (value: unknown, column: string): void => {
    if (typeof value === "number" || typeof value === "bigint") numbers.push(Number(value));
    else if (typeof value === "boolean") numbers.push(value ? 1 : 0);
    else if (Array.isArray(value)) for (const inner of value) add(inner, column);
    else throw notANumber(`${where}, row ${row}, column "${column}"`, value);
  };
  for (const { name, values } of table.features) add(values[row], name);
  return numbers;
}

interface ParquetClasses {
  readonly labels: Int32Array;
  readonly classNames: readonly string[];
}

interface ParquetNames {
  /** class names that hold whatever the files say */
  readonly given: readonly string[] | undefined;
  /** whether the user has named the classes anew: the files' own names may then be others */
  readonly isRenamed: boolean;
}

/**
 * Integer labels are class indices, named by `given`, by the metadata, or by themselves; text
 * labels are class names. Null, and the integer −1, mean that the class is not known.
 *
 * @throws DataError "data/label", "data/class", "data/unnamed-classes"; "file/magic" for text that
 *   is no UTF-8
 */
export function parquetClasses(
  parts: readonly ParquetPart[],
  { given, isRenamed }: ParquetNames,
): ParquetClasses {
  const { where, table } = parts[0]!; // at least one file
  const values = parts.flatMap(({ where: file, table: { label, length } }) =>
    label === null
      ? new Array<null>(length).fill(null)
      : label.values.map((value, row) => textOf(value, `${file}, row ${row}`)),
  );
  const named = given ?? table.classNames ?? undefined;
  if (values.some((value) => typeof value === "string")) {
    const names = values.map((value) => (value === null ? undefined : String(value)));
    const classNames = named ?? sortedClasses(names.filter((name) => name !== undefined));
    return { labels: classIndices(names, classNames, (at) => placeOf(parts, at)), classNames };
  }
  if (named !== undefined && !isRenamed) assertNamedAlike(parts, named);
  const labels = Int32Array.from(values, (value, sample) => {
    const label = value === null ? UNLABELLED : Number(value);
    if (Number.isInteger(label) && label >= UNLABELLED && label < 2 ** 31) return label;
    throw new DataError("data/label", {
      where: placeOf(parts, sample),
      rule: "a class must be an integer from 0, or text; null or -1 for unlabelled",
      got: String(value),
      fix: "Correct it, or name another label column",
      details: { sample },
    });
  });
  return { labels, classNames: named ?? numberedClasses(where, labels) };
}

/** @returns file and row of a sample, by its number in all files together */
function placeOf(parts: readonly ParquetPart[], sample: number): string {
  let row = sample;
  for (const { where, table } of parts) {
    if (row < table.length) return `${where}, row ${row}`;
    row -= table.length;
  }
  return `sample ${sample}`;
}

/** A file's metadata say what its class numbers mean. @throws DataError "data/class" */
function assertNamedAlike(parts: readonly ParquetPart[], names: readonly string[]): void {
  const wanted = names.join(", ");
  for (const { where, table } of parts) {
    const got = table.classNames?.join(", ") ?? wanted;
    if (got === wanted) continue;
    throw new DataError("data/class", {
      where,
      rule: `the file's metadata must number the classes as the first file does: ${wanted}`,
      got,
      fix: "Write the files with one list of classes, or give classNames",
      details: { wanted: names, got: table.classNames },
    });
  }
}

/** @returns the group of each sample as text. @throws DataError "data/group" for an empty one */
export function parquetGroups(parts: readonly ParquetPart[]): readonly string[] | null {
  if (parts[0]!.table.group === null) return null; // at least one file
  return parts.flatMap(({ where, table: { group } }) =>
    (group as ParquetColumn).values.map((value, row) => {
      // one set of options for all files
      const place = `${where}, row ${row}`;
      return groupOf(String(textOf(value, place) ?? ""), place);
    }),
  );
}

/** Text that was written without saying that it is text arrives as bytes. */
function textOf(value: unknown, where: string): string | number | bigint | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return decodeText(value, where, "classes and groups");
  if (typeof value === "number" || typeof value === "bigint") return value;
  return String(value);
}

function notANumber(where: string, value: unknown): DataError {
  return new DataError("data/number", {
    where,
    rule: "features must be numbers, or lists of numbers",
    got: kindOf(value),
    fix: "Remove the row, or add the column to ignore",
    details: {},
  });
}

function otherWidth(where: string, row: number, width: number, got: number): DataError {
  return new DataError("data/shape", {
    where: `${where}, row ${row}`,
    rule: `every row must have ${width} numbers, as the first has`,
    got: String(got),
    fix: "Give lists of one length",
    details: { file: where, row, width },
  });
}

function otherShape(where: string, shape: Shape, width: number): DataError {
  return new DataError("data/shape", {
    where,
    rule: `the sample shape ${showShape(shape)} must hold as many elements as a row has numbers`,
    got: String(width),
    fix: "Correct the shape, or the columns to ignore",
    details: { file: where, shape, width },
  });
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  return value instanceof Uint8Array ? "bytes" : typeof value;
}
