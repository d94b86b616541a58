/** @file Feature frames of recordings, such as log-mel frames of speech, from NumPy files. */

import { basename } from "node:path";
import { DataError } from "../../errors/index.ts";
import { showShape } from "../../tensor/index.ts";
import {
  type FeatureStatistics,
  featureStatistics,
  standardized,
} from "../audio/feature-statistics.ts";
import { type FrameRecording, framesDataset, speechContext } from "../audio/frames-dataset.ts";
import { parseTranscripts } from "../audio/recordings.ts";
import type { Dataset } from "../dataset.ts";
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
  const test = spec.test && (await readFrames(spec.test));
  if (test !== undefined && test.features !== train.features)
    throw new DataError("data/shape", {
      where: spec.test!.features, // test was read from it
      rule: `test frames must have ${train.features} features as the training frames have`,
      got: String(test.features),
      fix: "Give test data of the same kind",
      details: { train: train.features, test: test.features },
    });
  const classNames =
    spec.classNames ??
    numberedClasses(spec.labels ?? spec.features, train.labels ?? new Int32Array());
  return buildFrames(
    spec,
    { name: spec.features, frames: train, isLocal: spec.groups === undefined },
    test && { name: spec.test!.features, frames: test, isLocal: spec.test!.groups === undefined },
    classNames,
  );
}

/** Frames of one part, with the name that it has without another. */
export interface NamedFrames {
  readonly name: string;
  readonly frames: Frames;
  /** groups are places in the file */
  readonly isLocal?: boolean;
}

/**
 * Data sets of both parts, standardised over the training part unless asked not to be, or by the
 * statistics that are given.
 *
 * @throws DataError "data/shape" for statistics of another number of features
 */
export function buildFrames(
  spec: Pick<FramesSpec, "name" | "context" | "standardize" | "statistics" | "logMel">,
  train: NamedFrames,
  test: NamedFrames | undefined,
  classNames: readonly string[],
): LoadedData {
  const { recordings, features } = train.frames;
  const own = (): FeatureStatistics =>
    featureStatistics(
      recordings.map((recording) => recording.features),
      features,
    );
  const statistics = (spec.standardize ?? true) ? (spec.statistics ?? own()) : undefined;
  assertFeatures(train.name, features, statistics);
  const context = spec.context ?? speechContext;
  const build = ({ name, frames, isLocal = false }: NamedFrames): Dataset => ({
    ...framesDataset({
      name: spec.name ?? basename(name),
      recordings: withStatistics(frames.recordings, statistics),
      features: frames.features,
      context,
      classNames,
      standardization: statistics,
    }),
    ...(isLocal && { localGroups: true }),
  });
  return {
    train: build(train),
    test: test ? build(test) : null,
    ...(spec.logMel && {
      hearing: { logMel: spec.logMel, context, ...(statistics && { statistics }) },
    }),
  };
}

function assertFeatures(
  where: string,
  features: number,
  statistics: FeatureStatistics | undefined,
): void {
  if (statistics === undefined || statistics.mean.length === features) return;
  throw new DataError("data/shape", {
    where,
    rule: `frames must have ${statistics.mean.length} features as those that the model was trained on`,
    got: String(features),
    fix: "Give data of the same kind",
    details: { model: statistics.mean.length, data: features },
  });
}

function withStatistics(
  recordings: readonly FrameRecording[],
  statistics: FeatureStatistics | undefined,
): readonly FrameRecording[] {
  if (statistics === undefined) return recordings;
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
