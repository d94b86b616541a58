/** @file The recipe's section `data`: one strict schema per source. */

import * as z from "zod";
import type { DataSpec, Preprocessing } from "../../data/index.ts";

const path = z.string().min(1);

/** How stored values become what a network sees. Shared with the teacher's section. */
export const preprocessingSchema: z.ZodType<Preprocessing> = z
  .strictObject({ scale: z.number(), offset: z.number() })
  .describe("what the network sees: value * scale + offset");

const common = {
  name: z.string().min(1).exactOptional().describe("shown in reports; default: the file's name"),
  preprocessing: z.exactOptional(preprocessingSchema),
  classNames: z.array(z.string().min(1)).min(1).exactOptional(),
};

const arrays = {
  shape: z
    .array(z.int().min(1))
    .min(1)
    .exactOptional()
    .describe("of one sample; default: the array's axes after the first"),
  dtype: z.enum(["uint8", "float32"]).exactOptional(),
};

const transferOf = <S extends z.ZodType>(files: S) =>
  files.exactOptional().describe("further training samples, whose class is not known");

const idxFiles = { images: path, labels: path.exactOptional() };
const npyFiles = { samples: path, labels: path.exactOptional(), groups: path.exactOptional() };
const column = z.union([z.string().min(1), z.int().min(0)]);

const digits = z.strictObject({ source: z.literal("digits") });
const idx = z.strictObject({
  source: z.literal("idx"),
  ...idxFiles,
  ...common,
  test: z.strictObject(idxFiles).exactOptional(),
  transfer: transferOf(z.strictObject({ images: path })),
});
const npy = z.strictObject({
  source: z.literal("npy"),
  ...npyFiles,
  ...common,
  ...arrays,
  test: z.strictObject(npyFiles).exactOptional(),
  transfer: transferOf(z.strictObject({ samples: path, groups: path.exactOptional() })),
});
const npz = z.strictObject({
  source: z.literal("npz"),
  file: path,
  ...npyFiles,
  ...common,
  ...arrays,
  test: z.strictObject({ file: path.exactOptional(), ...npyFiles }).exactOptional(),
  transfer: transferOf(
    z.strictObject({ file: path.exactOptional(), samples: path, groups: path.exactOptional() }),
  ),
});
const csv = z.strictObject({
  source: z.literal("csv"),
  file: path,
  ...common,
  ...arrays,
  label: column.nullable().exactOptional().describe("column of the class; default the last"),
  group: column.exactOptional().describe("column of the group: speaker, device, recording"),
  ignore: z.array(column).exactOptional(),
  columns: z
    .array(column)
    .min(1)
    .exactOptional()
    .describe("the features, in this order; default all but class, group and ignore"),
  header: z.boolean().exactOptional(),
  delimiter: z.enum([",", ";", "\t"]).exactOptional(),
  unlabelled: z.string().exactOptional().describe('cell that means "class not known"'),
  test: z.strictObject({ file: path }).exactOptional(),
  transfer: transferOf(z.strictObject({ file: path })),
});
const { preprocessing: _, ...withoutPreprocessing } = common;
const text = z.strictObject({
  source: z.literal("text"),
  file: path.describe("a table: a line a sample, one column of text, one of classes"),
  ...withoutPreprocessing,
  text: column.exactOptional().describe("column of text; default the one beside class and group"),
  label: column.nullable().exactOptional().describe("column of the class; default the last"),
  group: column.exactOptional().describe("column of the group: author, thread"),
  header: z.boolean().exactOptional(),
  delimiter: z.enum([",", ";", "\t"]).exactOptional(),
  unlabelled: z.string().exactOptional().describe('cell that means "class not known"'),
  vocabulary: z.int().min(3).exactOptional().describe("token ids, most frequent; default 2000"),
  length: z.int().min(1).exactOptional().describe("tokens that a sample keeps; default 64"),
  test: z.strictObject({ file: path }).exactOptional(),
  transfer: transferOf(z.strictObject({ file: path })),
});
const images = z.strictObject({
  source: z.literal("images"),
  folder: path.describe("holds one folder of images per class"),
  ...common,
  size: z.tuple([z.int().min(1), z.int().min(1)]).describe("[height, width]"),
  channels: z.literal([1, 3]),
  fit: z.enum(["fill", "cover", "contain"]).exactOptional(),
  test: z.strictObject({ folder: path }).exactOptional(),
  transfer: transferOf(z.strictObject({ folder: path })),
});

const parquetFile = z.union([path, z.array(path).min(1)]);
const parquet = z.strictObject({
  source: z.literal("parquet"),
  file: parquetFile.describe("one file, or the pieces of one table in order"),
  ...common,
  ...arrays,
  label: z.string().min(1).nullable().exactOptional().describe('default "label"'),
  group: z.string().min(1).exactOptional().describe("column of the group: speaker, recording"),
  ignore: z.array(z.string().min(1)).exactOptional(),
  image: z.string().min(1).exactOptional().describe("column of images; default: the one there is"),
  size: z
    .tuple([z.int().min(1), z.int().min(1)])
    .exactOptional()
    .describe("[height, width] of images"),
  channels: z.literal([1, 3]).exactOptional(),
  fit: z.enum(["fill", "cover", "contain"]).exactOptional(),
  test: z.strictObject({ file: parquetFile }).exactOptional(),
  transfer: transferOf(z.strictObject({ file: parquetFile })),
});

const recordingFiles = {
  folder: path.describe("one .npy [time, channels] or .csv per recording"),
  labels: path.exactOptional().describe("table: file, label, group; default: folders are classes"),
};
const recordings = z.strictObject({
  source: z.literal("recordings"),
  ...recordingFiles,
  ...common,
  window: z.int().min(1).describe("time steps in a window"),
  hop: z.int().min(1).describe("time steps from one window to the next"),
  channels: z.array(column).min(1).exactOptional().describe("default all"),
  label: column.exactOptional().describe("CSV column with the class of each time step"),
  ignore: z.array(column).exactOptional(),
  header: z.boolean().exactOptional(),
  test: z.strictObject(recordingFiles).exactOptional(),
});

const frameFiles = {
  features: path.describe(".npy [frames, features], all recordings one after another"),
  lengths: path.describe(".npy: frames of each recording"),
  labels: path.exactOptional().describe(".npy: class of each frame, -1 where not known"),
  groups: path.exactOptional().describe(".npy: speaker of each recording; default each its own"),
  transcripts: path
    .exactOptional()
    .describe("text: what is said in each recording, a line each, words between blanks"),
};
const frameContext = z
  .strictObject({ before: z.int().min(0), after: z.int().min(0) })
  .exactOptional()
  .describe("frames beside the labelled one; default 20 before, 5 after");
const frames = z.strictObject({
  source: z.literal("frames"),
  ...frameFiles,
  ...withoutPreprocessing,
  context: frameContext,
  standardize: z.boolean().exactOptional().describe("mean 0, deviation 1; default true"),
  logMel: z
    .literal("speech")
    .exactOptional()
    .describe("features of openLogMelFrames: exported C computes them too"),
  test: z.strictObject(frameFiles).exactOptional(),
  transfer: transferOf(
    z.strictObject({ features: path, lengths: path, groups: path.exactOptional() }),
  ),
});

const speechFiles = {
  folder: path.describe("NAME.wav with NAME.lab, perhaps NAME.txt; a folder a speaker"),
};
const speech = z.strictObject({
  source: z.literal("speech"),
  ...speechFiles,
  ...withoutPreprocessing,
  statesPerPhone: z
    .int()
    .min(1)
    .exactOptional()
    .describe("equal parts of a labelled phone, its states; default 1: labels are states"),
  labelTimes: z
    .enum(["seconds", "htk"])
    .exactOptional()
    .describe("of label files; htk: in 100 ns; default seconds"),
  context: frameContext,
  standardize: z.boolean().exactOptional().describe("mean 0, deviation 1; default true"),
  test: z.strictObject(speechFiles).exactOptional(),
  transfer: transferOf(z.strictObject({ folder: path.describe("recordings alone") })),
});

const shards = z.strictObject({
  source: z.literal("shards"),
  folder: path.describe("what writeShards wrote"),
  window: z.int().min(1).exactOptional().describe("shards mixed with one another; default 8"),
  cacheBytes: z.int().min(1).exactOptional().describe("default window + 1 shards"),
  test: z.strictObject({ folder: path }).exactOptional(),
});

/** Where the samples come from. Paths are taken from the current folder. */
export const dataSchema: z.ZodType<DataSpec> = z.discriminatedUnion("source", [
  digits,
  idx,
  npy,
  npz,
  csv,
  text,
  images,
  parquet,
  recordings,
  frames,
  speech,
  shards,
]);
