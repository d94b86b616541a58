/** @file What a recipe says about data: one plain object per source, the same words as in YAML. */

import type { Preprocessing, SampleDType } from "../../engine/tensor/index.ts";
import type { FeatureStatistics } from "../audio/feature-statistics.ts";
import type { FrameContext, FrameEncoding } from "../audio/frame-encoding.ts";
import type { LabelTimes } from "../audio/segment-file.ts";
import type { Dataset, TextEncoding } from "../dataset.ts";

/** Options that every file source takes. */
export interface CommonSpec {
  /** shown in reports; default: the file's or folder's name */
  readonly name?: string;
  /** default: scale 1/255 for uint8, scale 1 for float32 */
  readonly preprocessing?: Preprocessing;
  /** class names by label 0, 1, …; default depends on the source */
  readonly classNames?: readonly string[];
}

/** Of a data set: what it is trained with, tested with, and further samples to be labelled. */
export type DataPart = "train" | "test" | "transfer";

/** MNIST digits that come with the package: 10000 + 2000 of 14 x 14. */
export interface DigitsSpec {
  readonly source: "digits";
}

/**
 * A pair of IDX files, plain or gzipped; 3 axes are read as [samples, height, width] of one
 * channel.
 */
export interface IdxFiles {
  readonly images: string;
  /** absent: all unlabelled */
  readonly labels?: string;
}
export interface IdxSpec extends CommonSpec, IdxFiles {
  readonly source: "idx";
  readonly test?: IdxFiles;
  /** further training samples whose class is not known; here and in the other sources */
  readonly transfer?: Omit<IdxFiles, "labels">;
}

/** How arrays become samples. */
export interface ArrayOptions {
  /** one sample's shape, for example [1, 28, 28]; default: the array's axes after the first */
  readonly shape?: readonly number[];
  /** conversion; without it only uint8 and float32 arrays are taken */
  readonly dtype?: SampleDType;
}

export interface NpyFiles {
  readonly samples: string;
  readonly labels?: string;
  /** integers that name the group of each sample */
  readonly groups?: string;
}
/** NumPy arrays, one .npy file each. */
export interface NpySpec extends CommonSpec, ArrayOptions, NpyFiles {
  readonly source: "npy";
  readonly test?: NpyFiles;
  readonly transfer?: Omit<NpyFiles, "labels">;
}

/** NumPy arrays in one .npz file; samples, labels and groups are names within it. */
export interface NpzSpec extends CommonSpec, ArrayOptions, NpyFiles {
  readonly source: "npz";
  readonly file: string;
  /** names in the same file, or in another */
  readonly test?: NpyFiles & { readonly file?: string };
  readonly transfer?: Omit<NpyFiles, "labels"> & { readonly file?: string };
}

/** How a table becomes samples. */
export interface CsvOptions extends ArrayOptions {
  /**
   * column that holds the class: its name, or its number from 0; default the last; null: no such
   * column
   */
  readonly label?: string | number | null;
  /** column that names the group of each sample */
  readonly group?: string | number;
  /** columns to leave out, by name or number from 0 */
  readonly ignore?: readonly (string | number)[];
  /** the feature columns, in this order; default: all but class, group and `ignore` */
  readonly columns?: readonly (string | number)[];
  /** does the first line hold column names? default true */
  readonly header?: boolean;
  /** default: the one of , ; tab that the first line holds most of */
  readonly delimiter?: "," | ";" | "\t";
  /** cell that means "class not known"; without it an empty class is refused */
  readonly unlabelled?: string;
}
export interface CsvSpec extends CommonSpec, CsvOptions {
  readonly source: "csv";
  readonly file: string;
  readonly test?: { readonly file: string };
  /** a table of the same feature columns; others, the class's too, are not read */
  readonly transfer?: { readonly file: string };
}

/** How a table of text becomes samples. */
export interface TextOptions
  extends Pick<CsvOptions, "label" | "group" | "header" | "delimiter" | "unlabelled"> {
  /** column that holds the text; default: the one beside class and group */
  readonly text?: string | number;
  /** token ids, padding and unknown among them; default 2000 */
  readonly vocabulary?: number;
  /** tokens that a sample keeps; default 64 */
  readonly length?: number;
}
/** Text with classes, a sample a line; the file's most frequent tokens are numbered. */
export interface TextSpec extends Omit<CommonSpec, "preprocessing">, TextOptions {
  readonly source: "text";
  readonly file: string;
  /** the numbering of a model that is there already, in place of the file's own */
  readonly encoding?: TextEncoding | undefined;
  readonly test?: { readonly file: string };
  /** a table with the column of text; its tokens have no part in the vocabulary */
  readonly transfer?: { readonly file: string };
}

/** A folder with one folder of images per class. */
export interface ImagesSpec extends CommonSpec {
  readonly source: "images";
  readonly folder: string;
  /** [height, width] that every image is resized to */
  readonly size: readonly [number, number];
  /** 1 grey, 3 red-green-blue */
  readonly channels: 1 | 3;
  /**
   * "fill" stretches (default), "cover" keeps the proportions and cuts, "contain" keeps them and
   * adds black
   */
  readonly fit?: "fill" | "cover" | "contain";
  readonly test?: { readonly folder: string };
  /** images in this folder and in those below it, whatever these are called */
  readonly transfer?: { readonly folder: string };
}

/** How the columns of a Parquet file become samples. */
export interface ParquetOptions extends ArrayOptions {
  /** column that holds the class; default "label"; null: no such column */
  readonly label?: string | null;
  /** column that names the group of each sample */
  readonly group?: string;
  /** columns to leave out */
  readonly ignore?: readonly string[];
  /** column of images, struct{bytes, path}; default: the one there is */
  readonly image?: string;
  /** [height, width] that every image is resized to; without it columns are numbers */
  readonly size?: readonly [number, number];
  /** of images: 1 grey, 3 red-green-blue */
  readonly channels?: 1 | 3;
  /** of images, as in a folder of images; default "fill" */
  readonly fit?: "fill" | "cover" | "contain";
}
export interface ParquetFiles {
  /** one file, or the pieces of one table in order */
  readonly file: string | readonly string[];
}
/** Columns of numbers, or Hugging Face's image layout. */
export interface ParquetSpec extends CommonSpec, ParquetOptions, ParquetFiles {
  readonly source: "parquet";
  readonly test?: ParquetFiles;
  /** files of the same feature columns; others, the class's too, are not read */
  readonly transfer?: ParquetFiles;
}

export interface RecordingsFiles {
  /** one .npy [time steps, channels] or .csv (a line a time step) per recording */
  readonly folder: string;
  /**
   * table with columns "file" (path in the folder), "label", and perhaps "group", or "file" and
   * "group" where the recordings' lines hold the class; default: one folder per class
   */
  readonly labels?: string;
}
/** Time series cut into windows; a recording never stands on two sides of a split. */
export interface RecordingsSpec extends CommonSpec, RecordingsFiles {
  readonly source: "recordings";
  /** time steps in a window */
  readonly window: number;
  /** time steps from one window to the next */
  readonly hop: number;
  /** channels to keep, by name (CSV) or number from 0; default all */
  readonly channels?: readonly (string | number)[];
  /** CSV column with the class of each time step: a window takes the most frequent one */
  readonly label?: string | number;
  /** CSV columns to leave out: time stamps */
  readonly ignore?: readonly (string | number)[];
  /** does the first line of a CSV hold column names? default true */
  readonly header?: boolean;
  readonly test?: RecordingsFiles;
}

export interface FramesFiles {
  /** .npy [frames, features], all recordings one after another */
  readonly features: string;
  /** .npy of integers: frames of each recording */
  readonly lengths: string;
  /** .npy of integers: class (state) of each frame, −1 where it is not known */
  readonly labels?: string;
  /** .npy of integers: group (speaker) of each recording; default each its own */
  readonly groups?: string;
  /** text: what is said in each recording, a line each */
  readonly transcripts?: string;
}
/** Frames of recordings, each seen with its neighbours: acoustic models of speech. */
export interface FramesSpec extends Omit<CommonSpec, "preprocessing">, FramesFiles {
  readonly source: "frames";
  /** frames before and after the one that the label belongs to; default 20 and 5 */
  readonly context?: FrameContext;
  /** bring each feature to mean 0 and deviation 1 over the training part; default true */
  readonly standardize?: boolean;
  /** context and standardisation of a model that is there already, in place of the data's own */
  readonly encoding?: FrameEncoding | undefined;
  /** says that the features are those of `openLogMelFrames`: exported C can compute them too */
  readonly logMel?: "speech";
  readonly test?: FramesFiles;
  readonly transfer?: Omit<FramesFiles, "labels" | "transcripts">;
}

export interface SpeechFiles {
  /**
   * recordings NAME.wav (.flac, .mp3), each with its labels in NAME.lab, and perhaps what is said
   * in NAME.txt; a folder in it holds a speaker's
   */
  readonly folder: string;
}
/** Recordings of speech themselves: frames as of {@link FramesSpec}, by `openLogMelFrames`. */
export interface SpeechSpec extends Omit<CommonSpec, "preprocessing">, SpeechFiles {
  readonly source: "speech";
  /** equal parts that a labelled phone is cut into, its states; default 1: labels are states */
  readonly statesPerPhone?: number;
  /** what times in label files are: "htk", in 100 ns; default "seconds" */
  readonly labelTimes?: LabelTimes;
  /** as in FramesSpec */
  readonly context?: FrameContext;
  /** as in FramesSpec */
  readonly standardize?: boolean;
  /** as in FramesSpec */
  readonly encoding?: FrameEncoding | undefined;
  readonly test?: SpeechFiles;
  /** recordings alone: files beside them are not read */
  readonly transfer?: SpeechFiles;
}

/** Shards on disk, for data larger than memory: what `writeShards` wrote. */
export interface ShardsSpec {
  readonly source: "shards";
  readonly folder: string;
  /** shards that an epoch mixes with one another; default 8 */
  readonly window?: number;
  /** limit of the shards in memory; default window + 1 shards */
  readonly cacheBytes?: number;
  readonly test?: { readonly folder: string };
}

export type DataSpec =
  | DigitsSpec
  | IdxSpec
  | NpySpec
  | NpzSpec
  | CsvSpec
  | TextSpec
  | ImagesSpec
  | ParquetSpec
  | RecordingsSpec
  | FramesSpec
  | SpeechSpec
  | ShardsSpec;

/**
 * What a source holds: samples to train (and validate) with, and a test part if the source has one
 * of its own.
 */
export interface LoadedData {
  readonly train: Dataset;
  readonly test: Dataset | null;
  /** of frames that say what they were computed by */
  readonly hearing?: Hearing;
}

/** How sound became the samples of a data set. */
export interface Hearing {
  readonly logMel: "speech";
  readonly context: FrameContext;
  /** that features were standardised by */
  readonly statistics?: FeatureStatistics;
}
