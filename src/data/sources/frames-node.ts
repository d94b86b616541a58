/** @file Feature frames of recordings, such as log-mel frames of speech, from NumPy files. */

import { basename } from "node:path";
import { showShape } from "../../engine/tensor/index.ts";
import { ConfigError, DataError } from "../../errors/index.ts";
import {
  type FeatureStatistics,
  featureStatistics,
  standardized,
} from "../audio/feature-statistics.ts";
import type { FrameEncoding } from "../audio/frame-encoding.ts";
import { type FrameRecording, framesDataset, speechContext } from "../audio/frames-dataset.ts";
import { parseTranscripts } from "../audio/recordings.ts";
import type { Dataset } from "../dataset.ts";
import { framesSchema } from "../sample-schema.ts";
import { numberedClasses } from "./classes.ts";
import type { FramesFiles, FramesSpec, LoadedData } from "./data-spec.ts";
import { decodeText } from "./decode-text.ts";
import { parseNpy } from "./npy.ts";
import { convertSamples, integersOfArray, type RawArray } from "./raw-array.ts";
import { readFileBytes } from "./read-file-node.ts";

/** One part as read. */
export interface Frames {
  readonly recordings: readonly FrameRecording[];
  readonly features: number;
  readonly labels: Int32Array | undefined;
}

/**
 * Loads frames, each with its neighbours as one sample (`framesDataset`). Features are brought to
 * mean 0 and deviation 1 over the training part, unless asked not to be.
 *
 * @throws DataError "data/shape" for features that are not [frames, features], or of which the test
 *   part has another number; "data/length" if lengths, groups, labels or transcripts do not fit;
 *   and as parseNpy, framesDataset, featureStatistics
 */
export async function loadFrames(spec: FramesSpec): Promise<LoadedData> {
  const train = await readFrames(spec);
  const other = async (files: FramesFiles | undefined, part: string): Promise<Frames | undefined> =>
    files && assertFeatures(files.features, await readFrames(files), { part, train });
  const test = await other(spec.test, "test");
  const transfer = await other(spec.transfer, "transfer");
  const classNames =
    spec.classNames ??
    numberedClasses(spec.labels ?? spec.features, train.labels ?? new Int32Array());
  return buildFrames(
    spec,
    {
      name: spec.features,
      frames: transfer ? joinedFrames(train, transfer, spec) : train,
      isLocal: spec.groups === undefined,
    },
    test && { name: spec.test!.features, frames: test, isLocal: spec.test!.groups === undefined },
    classNames,
  );
}

function assertFeatures(
  where: string,
  frames: Frames,
  { part, train: { features } }: { readonly part: string; readonly train: Frames },
): Frames {
  if (frames.features === features) return frames;
  throw new DataError("data/shape", {
    where,
    rule: `${part} frames must have ${features} features as the training frames have`,
    got: String(frames.features),
    fix: `Give ${part} data of the same kind`,
    details: { train: features, [part]: frames.features },
  });
}

/** @throws DataError "data/groups" where one of the two names groups and the other none */
function joinedFrames(train: Frames, transfer: Frames, spec: FramesSpec): Frames {
  const isLocal = spec.groups === undefined;
  if (isLocal !== (spec.transfer!.groups === undefined))
    throw new DataError("data/groups", {
      where: spec.transfer!.features, // transfer was read from it
      rule: "recordings of the transfer set name their groups if the others do",
      got: isLocal ? "groups in the transfer set alone" : "none",
      fix: "Give both groups, or neither",
    });
  const further = transfer.recordings.map(({ features, group }) => ({
    features,
    group: isLocal ? `transfer/${group}` : group, // a number in its own file
    isTransfer: true,
  }));
  return { ...train, recordings: [...train.recordings, ...further] };
}

/** Frames of one part, with the name that it has without another. */
export interface NamedFrames {
  readonly name: string;
  readonly frames: Frames;
  /** groups are places in the file */
  readonly isLocal?: boolean;
}

type EncodingOptions = Pick<FramesSpec, "name" | "context" | "standardize" | "encoding" | "logMel">;

/**
 * Data sets of both parts, standardised over the training part unless asked not to be, or made as
 * the encoding that is given says.
 *
 * @throws ConfigError "config/encoding" for an encoding that is none, "config/conflict" beside
 *   options that say otherwise; DataError "data/shape" for another number of features
 */
export function buildFrames(
  spec: EncodingOptions,
  train: NamedFrames,
  test: NamedFrames | undefined,
  classNames: readonly string[],
): LoadedData {
  const { context, standardization } =
    spec.encoding === undefined ? ownEncoding(spec, train) : givenEncoding(spec, train);
  const build = ({ name, frames, isLocal = false }: NamedFrames): Dataset => ({
    ...framesDataset({
      name: spec.name ?? basename(name),
      recordings: withStatistics(frames.recordings, standardization),
      features: frames.features,
      context,
      classNames,
      standardization,
    }),
    ...(isLocal && { localGroups: true }),
  });
  return {
    train: build(train),
    test: test ? build(test) : null,
    ...(spec.logMel && {
      hearing: {
        logMel: spec.logMel,
        context,
        ...(standardization && { statistics: standardization }),
      },
    }),
  };
}

function ownEncoding(
  { context = speechContext, standardize = true }: EncodingOptions,
  { frames: { recordings, features } }: NamedFrames,
): FrameEncoding {
  const labelled = recordings.filter(({ isTransfer = false }) => !isTransfer); // of them a teacher knows
  const own = (): FeatureStatistics =>
    featureStatistics(
      labelled.map((recording) => recording.features),
      features,
    );
  return { context, standardization: standardize ? own() : null };
}

/** The encoding of a model, which nothing beside it may contradict. */
function givenEncoding(
  { encoding, context, standardize }: EncodingOptions,
  { name, frames: { features } }: NamedFrames,
): FrameEncoding {
  const { data: given, error } = framesSchema.safeParse(encoding);
  if (given === undefined)
    throw new ConfigError("config/encoding", {
      where: name,
      rule: `an encoding of frames must be as a model has it: ${error.issues[0]!.message}`, // there is one
      got: error.issues[0]!.path.join(".") || "another value",
      fix: "Give model.frames of readModel",
    });
  const conflict = (option: string, own: unknown, got: unknown): never => {
    throw new ConfigError("config/conflict", {
      where: name,
      rule: `the model has ${option}: ${JSON.stringify(own)}, so its frames must have it too`,
      got: JSON.stringify(got),
      fix: `Leave ${option} out: it is the model's`,
    });
  };
  const isOther = context?.before !== given.context.before || context.after !== given.context.after;
  if (context !== undefined && isOther) conflict("context", given.context, context);
  const isStandardized = given.standardization !== null;
  if (standardize !== undefined && standardize !== isStandardized)
    conflict("standardize", isStandardized, standardize);
  const wanted = given.standardization?.mean.length ?? features;
  if (wanted !== features)
    throw new DataError("data/shape", {
      where: name,
      rule: `frames must have ${wanted} features as those that the model was trained on`,
      got: String(features),
      fix: "Give data of the same kind",
      details: { model: wanted, data: features },
    });
  return given;
}

function withStatistics(
  recordings: readonly FrameRecording[],
  statistics: FeatureStatistics | null,
): readonly FrameRecording[] {
  if (statistics === null) return recordings;
  return recordings.map((recording) => ({
    ...recording,
    features: standardized(recording.features, statistics),
  }));
}

async function readFrames(files: FramesFiles): Promise<Frames> {
  const { features: path } = files;
  const read = async (file: string): Promise<RawArray> =>
    parseNpy(await readFileBytes(file, "an array in .npy format"), file);
  const integers = async (file: string): Promise<Int32Array> =>
    integersOfArray(file, await read(file));
  const array = await read(path);
  const [frames, features] = array.shape;
  if (array.shape.length !== 2 || features === undefined || frames === undefined)
    throw new DataError("data/shape", {
      where: path,
      rule: "features must be an array [frames, features]",
      got: showShape(array.shape),
      fix: "Put the frames of all recordings one after another",
      details: { file: path, shape: array.shape },
    });
  const data = convertSamples(path, array.data, "float32") as Float32Array; // as asked for
  const lengths = await integers(files.lengths);
  const labels = files.labels === undefined ? undefined : await integers(files.labels);
  const groups =
    files.groups === undefined ? lengths.map((_, at) => at) : await integers(files.groups);
  assertCounts(files, { frames, lengths, labels, groups });
  const words =
    files.transcripts === undefined
      ? undefined
      : parseTranscripts(
          decodeText(await readFileBytes(files.transcripts, "transcripts"), files.transcripts),
          files.transcripts,
          lengths.length,
        );
  let at = 0;
  const recordings = Array.from(lengths, (length, recording): FrameRecording => {
    const [from, to] = [at, at + length];
    at = to;
    return {
      features: data.subarray(from * features, to * features),
      group: String(groups[recording]),
      ...(labels && { labels: labels.subarray(from, to) }),
      ...(words && { words: words[recording]! }), // as many as lengths
    };
  });
  return { recordings, features, labels };
}

interface Counts {
  readonly frames: number;
  readonly lengths: Int32Array;
  readonly labels: Int32Array | undefined;
  readonly groups: Int32Array;
}

function assertCounts(files: FramesFiles, { frames, lengths, labels, groups }: Counts): void {
  const fail = (where: string, rule: string, got: string): never => {
    const fix = "Write all files of a part from the same recordings";
    throw new DataError("data/length", { where, rule, got, fix, details: { file: where } });
  };
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const odd = lengths.findIndex((length) => length < 1);
  if (odd >= 0) fail(files.lengths, "every recording must have a frame", `${lengths[odd]}`);
  if (total !== frames) fail(files.lengths, `lengths must add up to ${frames} frames`, `${total}`);
  if (labels !== undefined && labels.length !== frames)
    fail(files.labels!, `there must be ${frames} labels, one a frame`, `${labels.length}`);
  if (groups.length !== lengths.length)
    fail(files.groups!, `there must be ${lengths.length} groups`, `${groups.length}`);
}
