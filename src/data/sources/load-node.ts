/** @file Any source of data, by its spec. */

import { basename } from "node:path";
import { parse } from "csv-parse/sync";
import { elementCount } from "../../engine/tensor/index.ts";
import { unknownName } from "../../errors/index.ts";
import { arrayDataset } from "../array-dataset.ts";
import { assertOfOneKind } from "../assert-same-kind.ts";
import { type Dataset, UNLABELLED } from "../dataset.ts";
import { openShards } from "../shards/index.ts";
import { withTransfer } from "../with-transfer.ts";
import { classIndices, columnClasses, numberedClasses, sortedClasses } from "./classes.ts";
import { parseTable } from "./csv.ts";
import type {
  CommonSpec,
  CsvSpec,
  DataPart,
  DataSpec,
  IdxFiles,
  IdxSpec,
  ImagesSpec,
  LoadedData,
  NpyFiles,
  NpySpec,
  NpzSpec,
  ParquetFiles,
  RecordingsFiles,
} from "./data-spec.ts";
import { decodeText } from "./decode-text.ts";
import { loadDigits } from "./digits-node.ts";
import { loadFrames } from "./frames-node.ts";
import { type ColumnCheck, sameColumns } from "./groups.ts";
import { parseIdx } from "./idx.ts";
import { readImages, readUnsortedImages } from "./images-node.ts";
import { parseNpy, parseNpz } from "./npy.ts";
import { loadParquet } from "./parquet-node.ts";
import { integersOfArray, type RawArray, type RawSamples, samplesOfArray } from "./raw-array.ts";
import { readFileBytes } from "./read-file-node.ts";
import { readingStore } from "./reading-store-node.ts";
import { loadRecordings } from "./recordings-node.ts";
import { loadSpeech, type SoundFrames } from "./speech-node.ts";
import type { TableOptions } from "./table-columns.ts";
import { loadText } from "./text-node.ts";
import { gunzipped } from "./zip-checksums.ts";

const sources = [
  "digits",
  "idx",
  "npy",
  "npz",
  "csv",
  "text",
  "images",
  "parquet",
  "recordings",
  "frames",
  "speech",
  "shards",
] as const;

export interface LoadOptions {
  /** what makes frames of sound, for source: speech alone */
  readonly sound?: SoundFrames;
}

/**
 * Loads data. Test and transfer parts take the class names of the training part; the samples of a
 * transfer part stand behind those to train with, without class.
 *
 * @throws DataError for files that are missing, cut off, of another kind or with wrong content,
 *   naming file and place; ConfigError "config/unknown-name" for an unknown source
 * @example
 *   const { train, test } = await loadData({ source: "csv", file: "iris.csv", label: "species" });
 */
export async function loadData(spec: DataSpec, options: LoadOptions = {}): Promise<LoadedData> {
  switch (spec.source) {
    case "digits":
      return loadDigits();
    case "idx":
      return loadParts<IdxFiles>(spec, (files, { given }) => loadIdx(files, spec, given));
    case "npy":
      return loadParts<NpyFiles>(spec, (files, { given }) => loadNpy(files, spec, given));
    case "npz":
      return loadParts<NpzFiles>(spec, (files, { given }) => loadNpz(files, spec, given));
    case "csv": {
      const columns = sameColumns();
      return loadParts<TableFile>(spec, ({ file }, asked) =>
        loadCsv(file, spec, { ...asked, columns }),
      );
    }
    case "text": {
      const columns = sameColumns();
      return loadParts<TableFile>(spec, ({ file }, { train, ...asked }) =>
        loadText(file, spec, { ...asked, columns }, train?.text ?? spec.encoding),
      );
    }
    case "images":
      return loadParts<Folder>(spec, ({ folder }, asked) => loadImages(folder, spec, asked));
    case "parquet": {
      const columns = sameColumns();
      return loadParts<ParquetFiles>(spec, (files, asked) =>
        loadParquet(files, spec, { ...asked, columns }),
      );
    }
    case "recordings":
      return loadParts<RecordingsFiles>(spec, (files, { given }) =>
        loadRecordings(files, spec, given),
      );
    case "frames":
      return loadFrames(spec);
    case "speech":
      return loadSpeech(spec, options.sound);
    case "shards":
      return loadParts<Folder>(spec, ({ folder }) => openShards(readingStore(folder), spec));
    default:
      // reached from untyped callers
      throw unknownName("data", "source", String((spec as { source: unknown }).source), sources);
  }
}

type ClassNames = readonly string[] | undefined;

type NpzFiles = NpyFiles & { readonly file?: string };
type TableFile = { readonly file: string };
type Folder = { readonly folder: string };

/** What a part is read as. */
interface Asked {
  readonly part: DataPart;
  readonly given: ClassNames;
  /** the training part, for the others */
  readonly train?: Dataset;
}

async function loadParts<Files>(
  spec: Pick<CommonSpec, "classNames"> &
    Files & { readonly test?: Files; readonly transfer?: Files },
  load: (files: Files, asked: Asked) => Promise<Dataset>,
): Promise<LoadedData> {
  const train = await load(spec, { part: "train", given: spec.classNames });
  const other = (files: Files, part: DataPart): Promise<Dataset> =>
    load(files, { part, given: train.classNames, train });
  const test = spec.test === undefined ? null : await other(spec.test, "test");
  if (test !== null) assertOfOneKind(train, test, "test");
  if (spec.transfer === undefined) return { train, test };
  return { train: withTransfer(train, await other(spec.transfer, "transfer")), test };
}

/** Puts samples with numbered labels together. */
function numbered(
  name: string,
  spec: CommonSpec,
  files: { readonly samples: string; readonly labels: string | undefined },
  raw: RawSamples & {
    readonly length: number;
    readonly labels: Int32Array | undefined;
    readonly groups?: readonly string[] | null;
  },
  classNames: ClassNames,
): Dataset {
  const labels = raw.labels ?? new Int32Array(raw.length).fill(UNLABELLED);
  const origin = { samples: files.samples, labels: files.labels ?? files.samples };
  return arrayDataset({
    name: spec.name ?? name,
    dtype: raw.dtype,
    shape: raw.shape,
    data: raw.data,
    labels,
    classNames: classNames ?? numberedClasses(origin.labels, labels),
    groups: raw.groups ?? null,
    origin,
    ...(spec.preprocessing === undefined ? {} : { preprocessing: spec.preprocessing }),
  });
}

async function loadIdx(files: IdxFiles, spec: IdxSpec, classNames: ClassNames): Promise<Dataset> {
  const read = async (path: string, what: string): Promise<RawArray> =>
    parseIdx(gunzipped(await readFileBytes(path, what), path), path);
  const array = await read(files.images, "images in IDX format");
  const length = array.shape[0]!;
  const [, ...own] = array.shape;
  const shape = own.length === 2 ? [1, ...own] : own; // [height, width] → [1, height, width]
  const samples = samplesOfArray(files.images, array, { shape });
  const labels =
    files.labels === undefined
      ? undefined
      : integersOfArray(files.labels, await read(files.labels, "labels in IDX format"));
  const origin = { samples: files.images, labels: files.labels };
  const raw = { ...samples, length, labels };
  return numbered(basename(files.images), spec, origin, raw, classNames);
}

async function loadNpy(files: NpyFiles, spec: NpySpec, classNames: ClassNames): Promise<Dataset> {
  const read = async (path: string): Promise<RawArray> =>
    parseNpy(await readFileBytes(path, "an array in .npy format"), path);
  const array = await read(files.samples);
  const raw = {
    ...samplesOfArray(files.samples, array, spec),
    length: array.shape[0]!,
    labels: files.labels ? integersOfArray(files.labels, await read(files.labels)) : undefined,
    groups: files.groups
      ? Array.from(integersOfArray(files.groups, await read(files.groups)), String)
      : null,
  };
  const origin = { samples: files.samples, labels: files.labels };
  return numbered(basename(files.samples), spec, origin, raw, classNames);
}

async function loadNpz(files: NpzFiles, spec: NpzSpec, classNames: ClassNames): Promise<Dataset> {
  const path = files.file ?? spec.file;
  const bytes = await readFileBytes(path, "arrays in .npz format");
  const names = [files.samples, files.labels, files.groups];
  const wanted = names.filter((name) => name !== undefined);
  const arrays = new Map(parseNpz(bytes, path, wanted).map((array, at) => [wanted[at], array]));
  const integers = (name: string | undefined): Int32Array | undefined =>
    name === undefined ? undefined : integersOfArray(`${path}:${name}`, arrays.get(name)!);
  const origin = {
    samples: `${path}:${files.samples}`,
    labels: files.labels === undefined ? undefined : `${path}:${files.labels}`,
  };
  const array = arrays.get(files.samples)!;
  const groups = integers(files.groups);
  const raw = {
    ...samplesOfArray(origin.samples, array, spec),
    length: array.shape[0]!,
    labels: integers(files.labels),
    groups: groups === undefined ? null : Array.from(groups, String),
  };
  return numbered(basename(path), spec, origin, raw, classNames);
}

/** Columns are those of the training part by name; without a header, by number. */
function transferOptions(spec: CsvSpec, columns: ColumnCheck): TableOptions {
  const group = columns.group();
  const own = { ...spec, label: null, ignore: [], features: columns.first() };
  return group === undefined ? own : { ...own, group };
}

async function loadCsv(
  file: string,
  spec: CsvSpec,
  { given, part, columns }: Asked & { readonly columns: ColumnCheck },
): Promise<Dataset> {
  const bytes = await readFileBytes(file, "a table");
  const options = part === "transfer" ? transferOptions(spec, columns) : spec;
  const table = parseTable(parse, decodeText(bytes, file), file, options);
  if (spec.header !== false || part === "train")
    columns.assertSame(file, table.columns, table.groupColumn);
  const known = table.classes.filter((name) => name !== undefined);
  const classNames = given ?? columnClasses(file, known);
  const { dtype, shape, data, groups } = table;
  return arrayDataset({
    name: spec.name ?? basename(file),
    dtype,
    shape,
    data,
    labels: classIndices(table.classes, classNames, (at) => `${file}, line ${table.lines[at]}`),
    classNames,
    groups,
    origin: { samples: file, labels: file },
    ...(spec.preprocessing === undefined ? {} : { preprocessing: spec.preprocessing }),
  });
}

async function loadImages(
  folder: string,
  spec: ImagesSpec,
  { given, part }: Asked,
): Promise<Dataset> {
  const files = { samples: folder, labels: undefined };
  if (part === "transfer") {
    const raw = await readUnsortedImages(folder, spec);
    const length = raw.data.length / elementCount(raw.shape);
    return numbered(basename(folder), spec, files, { ...raw, length, labels: undefined }, given);
  }
  const images = await readImages(folder, spec);
  const classNames = given ?? sortedClasses(images.classes);
  const labels = classIndices(images.classes, classNames, (at) => images.files[at]!);
  const { length } = labels;
  return numbered(basename(folder), spec, files, { ...images, length, labels }, classNames);
}
