/**
 * @file Parquet files: columns of numbers, or Hugging Face's image layout, a column of
 * struct{bytes, path} beside a label whose class names stand in the file's metadata.
 */

import {
  type AsyncBuffer,
  type DecodedArray,
  type FileMetaData,
  parquetMetadata,
  parquetRead,
  parquetSchema,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { DataError, unknownName } from "../../errors/index.ts";
import type { ParquetOptions } from "./data-spec.ts";
import { damaged, truncated, wrongMagic } from "./file-errors.ts";
import { isNameless, namelessFeature } from "./table-columns.ts";

/** Chosen columns of one file, row by row. */
export interface ParquetTable {
  readonly length: number;
  /** number columns that are features, in the file's order; empty for images */
  readonly features: readonly ParquetColumn[];
  /** encoded images (PNG, JPEG, …), one a row; null for columns of numbers */
  readonly images: readonly Uint8Array[] | null;
  /** the column of the class, or null */
  readonly label: ParquetColumn | null;
  /** class names that the metadata give for the label column, or null */
  readonly classNames: readonly string[] | null;
  readonly group: ParquetColumn | null;
}

export interface ParquetColumn {
  readonly name: string;
  readonly values: readonly unknown[];
}

/** Which columns are read. */
interface ParquetChoice extends ParquetOptions {
  /** of numbers, by name, in this order; default: all but class, group and `ignore` */
  readonly features?: readonly string[];
}

interface Chosen {
  readonly features: readonly string[];
  readonly image: string | null;
  readonly label: string | null;
  readonly group: string | null;
}

const magic = "PAR1";

/**
 * Reads the columns that a data set needs, of all row groups. Compression: none, snappy, gzip,
 * zstd, brotli, lz4.
 *
 * @param where the file's name, for messages
 * @throws DataError "file/magic", "file/truncated", "file/damaged"; "data/empty" without rows or
 *   features; "file/columns" for columns of one name, features without a name, and an index as
 *   feature; "file/unsupported" for an image kept outside the file; ConfigError
 *   "config/unknown-name" for a column that is not there
 * @see Apache Parquet, File Format; Hugging Face Datasets, Image feature
 */
export async function parseParquet(
  bytes: Uint8Array,
  where: string,
  options: ParquetChoice,
): Promise<ParquetTable> {
  const metadata = fileMetadata(bytes, where);
  const chosen = chooseColumns(metadata, where, options);
  const length = Number(metadata.num_rows);
  if (length === 0) throw noRows(where);
  const { features, image, label, group } = chosen;
  const wanted = [image, label, group].filter((name) => name !== null);
  const columns = await readColumns(bytes, where, metadata, [...features, ...wanted]);
  const column = (name: string): ParquetColumn => ({ name, values: columns.get(name)! }); // all wanted
  return {
    length,
    features: features.map(column),
    images: image === null ? null : encodedImages(where, column(image)),
    label: label === null ? null : column(label),
    classNames: label === null ? null : namedClasses(metadata, label),
    group: group === null ? null : column(group),
  };
}

function fileMetadata(bytes: Uint8Array, where: string): FileMetaData {
  const text = (from: number): string => String.fromCharCode(...bytes.subarray(from, from + 4));
  if (text(0) !== magic)
    throw wrongMagic(where, "a Parquet file (PAR1)", bytes, "Give a file that ends in .parquet");
  if (bytes.length < 12) throw truncated(where, "a Parquet file", 12, bytes.length);
  if (text(bytes.length - 4) !== magic)
    throw new DataError("file/truncated", {
      where,
      rule: "the last bytes must be those of a Parquet file (PAR1)",
      got: "others",
      fix: "The file is cut off; copy or download it again",
      details: { file: where },
    });
  try {
    return parquetMetadata(bytes, { geoparquet: false });
  } catch (error) {
    throw damaged(where, "a Parquet file", error);
  }
}

function chooseColumns(metadata: FileMetaData, where: string, options: ParquetChoice): Chosen {
  const { children } = parquetSchema(metadata);
  const names = children.map(({ element }) => element.name);
  const { ignore = [] } = options;
  assertOwnNames(
    names.filter((name) => !ignore.includes(name)),
    where,
  );
  const find = (name: string): string => {
    if (!names.includes(name)) throw unknownName(where, "column", name, names);
    return name;
  };
  const images = children
    .filter((child) => ["bytes", "path"].every((part) => hasChild(child, part)))
    .map(({ element }) => element.name);
  const label = options.label === null ? null : find(options.label ?? "label");
  const group = options.group === undefined ? null : find(options.group);
  if (options.size !== undefined) {
    const image = options.image === undefined ? images[0] : find(options.image);
    if (image !== undefined) return { features: [], image, label, group };
    throw noFeatures(where, "a column of images, struct{bytes, path}", names);
  }
  const others = new Set([label, group, ...(options.features ? [] : ignore.map(find))]);
  const features =
    options.features?.map(find) ??
    names.filter((name) => !others.has(name) && !unnamedIndex.test(name));
  const [found] = images.filter((name) => features.includes(name));
  if (found !== undefined)
    throw new DataError("file/unsupported", {
      where: `${where}, column "${found}"`,
      rule: "images need the size to bring them to",
      got: "a column of images without size and channels",
      fix: "Add size: [height, width] and channels: 1 or 3, or add the column to ignore",
      details: { file: where, column: found },
    });
  if (features.length === 0)
    throw noFeatures(where, "a feature column beside class and group", names);
  const nameless = features.find(isNameless);
  if (nameless !== undefined)
    throw namelessFeature(where, nameless, names.indexOf(nameless), nameless);
  assertNoIndex(metadata, where, features);
  return { features, image: null, label, group };
}

/** What pandas calls the column of an index that nobody has named. */
const unnamedIndex = /^__index_level_\d+__$/;

/** An index often is the order that a table was sorted in: by class, for one. */
function assertNoIndex(metadata: FileMetaData, where: string, features: readonly string[]): void {
  const pandas = metadataOf(metadata, "pandas") as PandasInfo | null; // looked at below
  const columns = pandas?.index_columns;
  const index = Array.isArray(columns) && features.find((name) => columns.includes(name));
  if (typeof index !== "string") return;
  throw new DataError("file/columns", {
    where: `${where}, column "${index}"`,
    rule: "a table's index is no feature",
    got: "the one that pandas' metadata name",
    fix: "Add it to ignore, or write the table with reset_index() if it is a feature",
    details: { file: where, column: index },
  });
}

function assertOwnNames(names: readonly string[], where: string): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return;
  throw new DataError("file/columns", {
    where,
    rule: "columns must have names of their own",
    got: `two named "${twice}"`,
    fix: "Rename one and write the file again, or add the name to ignore",
    details: { file: where, name: twice },
  });
}

function hasChild(
  { children }: { readonly children: readonly { readonly element: { readonly name: string } }[] },
  name: string,
): boolean {
  return children.some(({ element }) => element.name === name);
}

async function readColumns(
  bytes: Uint8Array,
  where: string,
  metadata: FileMetaData,
  columns: readonly string[],
): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const length = Number(metadata.num_rows);
  const found = new Map(columns.map((name) => [name, new Array<unknown>(length)]));
  const file: AsyncBuffer = {
    byteLength: bytes.length,
    // a copy, because the library wants whole buffers
    slice: (start, end) => bytes.slice(start, end).buffer as ArrayBuffer, // slice() made it
  };
  const keep = (name: string, data: DecodedArray, from: number): void => {
    const values = found.get(name)!; // only these are read
    for (let at = 0; at < data.length; at++) values[from + at] = data[at];
  };
  try {
    await parquetRead({
      file,
      metadata,
      columns: [...columns],
      compressors,
      utf8: false, // else the bytes of images arrive as text
      geoparquet: false,
      onChunk: ({ columnName, columnData, rowStart }) => keep(columnName, columnData, rowStart),
    });
  } catch (error) {
    throw damaged(where, "a Parquet file", error);
  }
  return found;
}

function encodedImages(where: string, { name, values }: ParquetColumn): Uint8Array[] {
  return values.map((value, row) => {
    const bytes = typeof value === "object" && value !== null && "bytes" in value && value.bytes;
    if (bytes instanceof Uint8Array) return bytes;
    throw new DataError("file/unsupported", {
      where: `${where}, row ${row}, column "${name}"`,
      rule: "every image's bytes must be in the file",
      got: "a path or nothing",
      fix: "Embed the images (datasets: embed_table_storage), or give the images as a folder",
      details: { file: where, row, column: name },
    });
  });
}

/** What Hugging Face Datasets keep under the key "huggingface". */
interface HuggingFaceInfo {
  readonly info?: { readonly features?: Readonly<Record<string, { readonly names?: unknown }>> };
}

/** What pandas keeps under the key "pandas": an index is a column's name, or says a range. */
interface PandasInfo {
  readonly index_columns?: unknown;
}

/** @returns the names of a ClassLabel column, or null */
function namedClasses(metadata: FileMetaData, label: string): readonly string[] | null {
  const known = metadataOf(metadata, "huggingface") as HuggingFaceInfo | null; // looked at below
  const names: unknown = known?.info?.features?.[label]?.names;
  return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : null;
}

/** @returns what a writer keeps in the file as JSON, or null; other text under its key is none */
function metadataOf(metadata: FileMetaData, writer: string): unknown {
  const entry = metadata.key_value_metadata?.find(({ key }) => key === writer);
  if (entry?.value === undefined) return null;
  try {
    return JSON.parse(entry.value);
  } catch {
    return null;
  }
}

function noRows(where: string): DataError {
  return new DataError("data/empty", {
    where,
    rule: "the file must hold a row",
    got: "none",
    fix: "Check that the right file was given",
    details: { file: where },
  });
}

function noFeatures(where: string, what: string, names: readonly string[]): DataError {
  return new DataError("data/empty", {
    where,
    rule: `there must be ${what}`,
    got: `columns ${names.join(", ")}`,
    fix: "Check label, group, ignore and image",
    details: { file: where, columns: names },
  });
}
