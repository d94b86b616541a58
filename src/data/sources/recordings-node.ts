/**
 * @file Recordings in a folder, one file each, cut into windows. Classes are folders, or stand
 * in a table of labels, or in a column of the recordings themselves; groups stand in the table.
 */

import { basename, extname, join } from "node:path";
import { parse } from "csv-parse/sync";
import { DataError } from "../../errors/index.ts";
import type { Dataset } from "../dataset.ts";
import { UNLABELLED } from "../dataset.ts";
import { type TimeSeries, windowedDataset } from "../windows.ts";
import { sortedClasses } from "./classes.ts";
import { parseTable, type Table } from "./csv.ts";
import type { RecordingsFiles, RecordingsSpec } from "./data-spec.ts";
import { decodeText } from "./decode-text.ts";
import { unsupported } from "./file-errors.ts";
import { filesBelow } from "./files-below-node.ts";
import { parseNpy } from "./npy.ts";
import { convertSamples } from "./raw-array.ts";
import { readFileBytes } from "./read-file-node.ts";
import { type LabelRow, readLabels } from "./recording-labels-node.ts";
import { columnNumber, type TableOptions } from "./table-columns.ts";

/** One file as read: classes still as names. */
interface Read {
  /** its path in the folder, with "/" */
  readonly name: string;
  readonly data: Float32Array;
  readonly channels: readonly string[];
  /** of the whole, of each time step, or undefined where it is not known */
  readonly class: string | undefined | readonly (string | undefined)[];
  /** from a table; without it the recording is a group by itself, under its path */
  readonly group: string | undefined;
}

/**
 * Loads recordings, files in code-point order of their paths.
 *
 * @throws DataError "file/missing", "file/unsupported" for other files; "data/class" for a
 *   recording whose class the table of labels says a second time; "data/shape" for different
 *   channels; and as windowedDataset, parseNpy, parseTable, readLabels
 */
export async function loadRecordings(
  files: RecordingsFiles,
  spec: RecordingsSpec,
  given: readonly string[] | undefined,
): Promise<Dataset> {
  const { folder, labels: path } = files;
  const names = await recordingNames(folder);
  const mayLackClasses = spec.label !== undefined;
  const rows =
    path === undefined ? undefined : await readLabels({ path, folder, names, mayLackClasses });
  const read: Read[] = [];
  for (const name of names) read.push(await readRecording(files, name, spec, rows));
  const channels = read[0]!.channels; // recordingNames gives one at least
  assertSameChannels(read, channels);
  const classNames =
    given ?? sortedClasses(read.flatMap((one) => one.class).filter((name) => name !== undefined));
  const recordings = read.map(
    (one): TimeSeries => ({
      name: join(folder, one.name),
      data: one.data,
      label: labelOf(one, classNames),
      group: one.group ?? one.name,
    }),
  );
  const { window, hop, preprocessing } = spec;
  const first = join(folder, read[0]!.name);
  const channelAt = (channel: string | number): number =>
    columnNumber(first, channel, channels, { kind: "channel" });
  const set = windowedDataset(recordings, {
    name: spec.name ?? basename(folder),
    channelCount: channels.length,
    window,
    hop,
    ...(spec.channels && { channels: spec.channels.map(channelAt) }),
    classNames,
    ...(preprocessing === undefined ? {} : { preprocessing }),
  });
  const isLocal = read.some(({ group }) => group === undefined);
  return isLocal ? { ...set, localGroups: true } : set;
}

async function recordingNames(folder: string): Promise<readonly string[]> {
  const names = await filesBelow(folder, "a folder of recordings");
  const other = names.find((name) => ![".npy", ".csv"].includes(extname(name).toLowerCase()));
  if (other !== undefined)
    throw unsupported(
      join(folder, other),
      "a folder of recordings may hold only .npy and .csv files",
      "another file",
      "Move it away",
    );
  if (names.length > 0) return names;
  throw new DataError("data/empty", {
    where: folder,
    rule: "there must be a recording",
    got: "none",
    fix: "Check that the right folder was given",
    details: { file: folder },
  });
}

async function readRecording(
  { folder, labels }: RecordingsFiles,
  name: string,
  spec: RecordingsSpec,
  rows: ReadonlyMap<string, LabelRow> | undefined,
): Promise<Read> {
  const path = join(folder, name);
  const bytes = await readFileBytes(path, "a recording");
  const isTable = extname(name).toLowerCase() === ".csv";
  const { data, channels, steps } = isTable
    ? ofTable(path, bytes, spec)
    : { ...ofArray(path, bytes), steps: undefined };
  const row = rows?.get(name);
  const group = row?.group;
  if (steps === undefined) {
    const inFolder = row === undefined || row.class === null;
    return { name, data, channels, class: inFolder ? folderOf(path, name) : row.class, group };
  }
  if (row?.class != null)
    throw new DataError("data/class", {
      where: `${labels}, line ${row.line}`,
      rule: "a recording whose lines hold the class must have none in the table",
      got: `"${row.class}" for ${name}`,
      fix: "Leave the cell empty, or leave label out of the recipe",
      details: { file: path, class: row.class },
    });
  return { name, data, channels, class: steps, group };
}

/** @returns the name of the folder that a recording lies in: its class */
function folderOf(path: string, name: string): string {
  const parts = name.split("/");
  if (parts.length === 2) return parts[0]!;
  throw new DataError("data/class", {
    where: path,
    rule: "recordings must lie in one folder per class",
    got: name,
    fix: "Move it into a folder named after its class, or give a table of labels",
    details: { file: path },
  });
}

type Columns = Pick<Read, "data" | "channels">;

function ofArray(path: string, bytes: Uint8Array): Columns {
  const { shape, data } = parseNpy(bytes, path);
  if (shape.length !== 2)
    throw new DataError("data/shape", {
      where: path,
      rule: "a recording must be an array [time steps, channels]",
      got: `[${shape.join(", ")}]`,
      fix: "Store one recording a file; one channel as [time steps, 1]",
      details: { file: path, shape },
    });
  const samples = convertSamples(path, data, "float32") as Float32Array; // as asked for
  return { data: samples, channels: Array.from({ length: shape[1]! }, (_, c) => String(c)) };
}

/** With a label column the class stands in every line. */
function ofTable(
  path: string,
  bytes: Uint8Array,
  spec: RecordingsSpec,
): Columns & { readonly steps: readonly (string | undefined)[] | undefined } {
  const text = decodeText(bytes, path);
  const label = spec.label ?? null;
  const header = spec.header ?? true;
  const ignore = spec.ignore ?? [];
  const options: TableOptions = {
    ...{ label, header, ignore, unlabelled: "" },
    ...(spec.channels && { channels: spec.channels }),
  };
  const table: Table = parseTable(parse, text, path, options);
  const { columns } = table;
  const data = table.data as Float32Array; // parseTable's default
  return { data, channels: columns, steps: label === null ? undefined : table.classes };
}

function labelOf(one: Read, classNames: readonly string[]): TimeSeries["label"] {
  const index = (name: string | undefined): number => {
    const at = name === undefined ? UNLABELLED : classNames.indexOf(name);
    if (name === undefined || at >= 0) return at;
    throw new DataError("data/class", {
      where: one.name,
      rule: `the class must be one of ${classNames.join(", ")}`,
      got: `"${name}"`,
      fix: "Correct it, or name every class in classNames",
      details: { class: name, classNames },
    });
  };
  return typeof one.class === "string" || one.class === undefined
    ? index(one.class)
    : Int32Array.from(one.class, index);
}

function assertSameChannels(read: readonly Read[], channels: readonly string[]): void {
  const other = read.find((one) => one.channels.join() !== channels.join());
  if (other === undefined) return;
  throw new DataError("data/shape", {
    where: other.name,
    rule: `every recording must have the channels ${channels.join(", ")}, as ${read[0]!.name} has`,
    got: other.channels.join(", "),
    fix: "Give recordings of the same kind",
    details: { channels, got: other.channels },
  });
}
