/** @file Any source of data, by its spec. */

import { basename } from "node:path";
import { parse } from "csv-parse/sync";
import { DataError, unknownName } from "../../errors/index.ts";
import { showShape } from "../../tensor/index.ts";
import { arrayDataset } from "../array-dataset.ts";
import { type Dataset, UNLABELLED } from "../dataset.ts";
import { assertMadeAlike } from "../made-alike.ts";
import { openShards } from "../shards/index.ts";
import { classIndices, columnClasses, numberedClasses, sortedClasses } from "./classes.ts";
import { parseTable } from "./csv.ts";
import type {
  CommonSpec,
  CsvSpec,
  DataSpec,
  IdxFiles,
  IdxSpec,
  ImagesSpec,
  LoadedData,
  NpyFiles,
  NpySpec,
  NpzSpec,
} from "./data-spec.ts";
import { decodeText } from "./decode-text.ts";
import { loadDigits } from "./digits-node.ts";
import { loadFrames } from "./frames-node.ts";
import { parseIdx } from "./idx.ts";
import { readImages } from "./images-node.ts";
import { parseNpy, parseNpz } from "./npy.ts";
import { loadParquet } from "./parquet-node.ts";
import { integersOfArray, type RawArray, type RawSamples, samplesOfArray } from "./raw-array.ts";
import { readFileBytes } from "./read-file-node.ts";
import { readingStore } from "./reading-store-node.ts";
import { loadRecordings } from "./recordings-node.ts";
import { type ColumnCheck, sameColumns } from "./same-columns.ts";
import { loadSpeech, type SoundFrames } from "./speech-node.ts";
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
 * Loads data. A test part takes the class names of the training part.
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
      return withTest(spec, spec.test, (files, classes) => loadIdx(files, spec, classes));
    case "npy":
      return withTest(spec, spec.test, (files, classes) => loadNpy(files, spec, classes));
    case "npz":
      return withTest(spec, spec.test && { file: spec.file, ...spec.test }, (files, classes) =>
        loadNpz(files, spec, classes),
      );
    case "csv": {
      const columns = sameColumns();
      return withTest(spec, spec.test, ({ file }, classes) =>
        loadCsv(file, spec, { given: classes, columns }),
      );
    }
    case "text":
      return withTest(spec, spec.test, ({ file }, classes, train) =>
        loadText(file, spec, classes, train?.text ?? spec.encoding),
      );
    case "images":
      return withTest(spec, spec.test, ({ folder }, classes) => loadImages(folder, spec, classes));
    case "parquet": {
      const columns = sameColumns();
      return withTest(spec, spec.test, (files, classes) =>
        loadParquet(files, spec, { given: classes, columns }),
      );
    }
    case "recordings":
      return withTest(spec, spec.test, (files, classes) => loadRecordings(files, spec, classes));
    case "frames":
      return loadFrames(spec);
    case "speech":
      return loadSpeech(spec, options.sound);
    case "shards":
      return withTest<{ readonly folder: string }>(spec, spec.test, ({ folder }) =>
        openShards(readingStore(folder), spec),
      );
    default:
      // reached from untyped callers
      throw unknownName("data", "source", String((spec as { source: unknown }).source), sources);
  }
}

type ClassNames = readonly string[] | undefined;

async function withTest<Files>(
  spec: CommonSpec & Files,
  testFiles: Files | undefined,
  load: (files: Files, classNames: ClassNames, train?: Dataset) => Promise<Dataset>,
): Promise<LoadedData> {
  const train = await load(spec, spec.classNames);
  const test = testFiles === undefined ? null : await load(testFiles, train.classNames, train);
  if (test !== null) assertOfOneKind(train, test);
  return { train, test };
}

/** @throws DataError "data/shape", "data/class", "data/preprocessing", "data/encoding" */
function assertOfOneKind(train: Dataset, test: Dataset): void {
  const compare = (code: string, say: (dataset: Dataset) => string): void => {
    const [wanted, got] = [say(train), say(test)];
    if (got === wanted) return;
    throw new DataError(code, {
      where: test.name,
      rule: `test samples must be ${wanted} as the training samples are`,
      got,
      fix: "Give test data of the same kind",
      details: { train: wanted, test: got },
    });
  };
  compare("data/shape", ({ dtype, shape }) => `${dtype} ${showShape(shape)}`);
  compare("data/class", ({ classNames }) => `of the classes ${classNames.join(", ")}`);
  compare(
    "data/preprocessing",
    ({ preprocessing: { scale, offset } }) => `read as x · ${scale} + ${offset}`,
  );
  assertMadeAlike(test, train);
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

async function loadNpz(
  files: NpyFiles & { readonly file?: string },
  spec: NpzSpec,
  classNames: ClassNames,
): Promise<Dataset> {
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

async function loadCsv(
  file: string,
  spec: CsvSpec,
  { given, columns }: { readonly given: ClassNames; readonly columns: ColumnCheck },
): Promise<Dataset> {
  const bytes = await readFileBytes(file, "a table");
  const table = parseTable(parse, decodeText(bytes, file), file, spec);
  if (spec.header !== false) columns(file, table.columns);
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

async function loadImages(folder: string, spec: ImagesSpec, given: ClassNames): Promise<Dataset> {
  const images = await readImages(folder, spec);
  const classNames = given ?? sortedClasses(images.classes);
  const { dtype, shape, data } = images;
  return arrayDataset({
    name: spec.name ?? basename(folder),
    dtype,
    shape,
    data,
    labels: classIndices(images.classes, classNames, (at) => images.files[at]!),
    classNames,
    origin: { samples: folder, labels: folder },
    ...(spec.preprocessing === undefined ? {} : { preprocessing: spec.preprocessing }),
  });
}
