/** @file Frames of recordings as samples: each frame with the frames around it. */

import type { DataOf, SampleDType } from "../../engine/tensor/index.ts";
import { DataError, ShapeError } from "../../errors/index.ts";
import { arrayDataset } from "../array-dataset.ts";
import { datasetHash, sampleHasher, withoutNegativeZeros } from "../content-hash.ts";
import { type Dataset, UNLABELLED } from "../dataset.ts";
import type { FeatureStatistics } from "./feature-statistics.ts";
import type { FrameContext } from "./frame-encoding.ts";
import type { Recordings } from "./recordings.ts";

/** One recording as features, frame by frame. */
export interface FrameRecording {
  /** float32 [frames, features], row-major */
  readonly features: Float32Array;
  /** class (state) of each frame, or UNLABELLED; without it all are unlabelled */
  readonly labels?: ArrayLike<number>;
  /** speaker, or whatever else must stay on one side of a split */
  readonly group: string;
  /** what is said */
  readonly words?: readonly string[];
  /**
   * of the transfer set, for the teacher to label: words and labels are not missed; default false
   */
  readonly isTransfer?: boolean;
}

export interface FramesOptions {
  readonly name: string;
  readonly recordings: readonly FrameRecording[];
  /** numbers in a frame: mel filters */
  readonly features: number;
  /** frames before and after the one that the label belongs to */
  readonly context: FrameContext;
  readonly classNames: readonly string[];
  /** what the features were brought to mean 0 and deviation 1 by; null: nothing; default unknown */
  readonly standardization?: FeatureStatistics | null | undefined;
}

/** 26 frames, of which the 21st is predicted. @see Hinton, Vinyals, Dean (2015), §3 */
export const speechContext: FrameContext = { before: 20, after: 5 };

/**
 * A data set with one sample a frame: float32 [1, before + 1 + after, features], an image of time
 * × features whose row `before` is the frame that the label belongs to. At the ends of a recording
 * its first and last frames are repeated; no sample reaches into another recording. The frames are
 * kept once and not once a sample, so an hour of speech takes 60 MB and not 1.5 GB.
 *
 * Samples are in the order of the recordings and their frames. Neighbours share most of their
 * frames, so the set can be split only by group.
 *
 * @throws DataError "data/empty", "data/length", "data/not-finite", "data/classes", "data/label" as
 *   {@link arrayDataset}; ShapeError "shape/frames" for features that are not whole frames
 */
export function framesDataset(options: FramesOptions): Dataset {
  const { name, recordings, features, context, classNames, standardization } = options;
  const frameCounts = recordings.map((recording, at) => countFrames(options, recording, at));
  const total = frameCounts.reduce((sum, frames) => sum + frames, 0);
  const checked = arrayDataset({
    name,
    dtype: "float32",
    shape: [features],
    data: joined(recordings, total * features),
    labels: recordings.flatMap(({ labels, isTransfer }, at) =>
      Array.from(
        { length: frameCounts[at]! },
        (_, frame) => (isTransfer ? undefined : labels?.[frame]) ?? UNLABELLED,
      ),
    ),
    classNames,
    groups: recordings.flatMap(({ group }, at) => new Array<string>(frameCounts[at]!).fill(group)),
  });
  const { padded, starts } = padRecordings(options, frameCounts);
  const shape = [1, context.before + 1 + context.after, features];
  const size = shape[1]! * features;
  const sampleAt = (index: number): Float32Array =>
    padded.subarray(starts[index]!, starts[index]! + size);
  const hasher = sampleHasher("float32", shape);
  const keys = new Array<string | undefined>(total);
  const key = (index: number): string => (keys[index] ??= hasher(sampleAt(index)));
  const body = {
    ...checked,
    shape,
    wholeGroups: true,
    ...(standardization !== undefined && { frames: { context, standardization } }),
    recordings: recordingsOf(recordings, frameCounts),
    gather: (indices: Int32Array, into: DataOf[SampleDType]): void =>
      indices.forEach((index, row) => {
        into.set(sampleAt(index), row * size);
      }),
    key,
    valueKey: (index: number): string => {
      const plain = withoutNegativeZeros(sampleAt(index));
      return plain === undefined ? key(index) : hasher(plain);
    },
  };
  let hash: string | undefined;
  return {
    ...body,
    hash: () => {
      hash ??= datasetHash(body);
      return hash;
    },
  };
}

/** Words are known if those of every recording are that is not of the transfer set. */
function recordingsOf(
  recordings: readonly FrameRecording[],
  frameCounts: readonly number[],
): Recordings {
  const areKnown = recordings.every(({ words, isTransfer }) => words ?? isTransfer);
  const own = recordings.map(({ words, isTransfer }) => (isTransfer ? null : (words ?? null)));
  const of = new Int32Array(frameCounts.reduce((sum, frames) => sum + frames, 0));
  let at = 0;
  frameCounts.forEach((frames, number) => {
    of.fill(number, at, at + frames);
    at += frames;
  });
  return { of, words: areKnown && own.some((words) => words !== null) ? own : null };
}

/** @returns frames of a recording, which must be whole, and have a label each if there are any */
function countFrames(
  { name, features, context }: FramesOptions,
  recording: FrameRecording,
  at: number,
): number {
  const { length } = recording.features;
  const frames = length / features;
  const isWhole = [features, frames, context.before + 1, context.after + 1].every(
    (count) => Number.isInteger(count) && count >= 1,
  );
  if (!isWhole)
    throw new ShapeError("shape/frames", {
      where: name,
      rule: "a recording must hold whole frames, at least one, and context must be whole frames",
      got: `${length} numbers for frames of ${features} in recording ${at}; context ${context.before} and ${context.after}`,
      fix: "Give float32 [frames, features], and how many features there are",
      details: { recording: at, length, features, context },
    });
  const labels = recording.labels?.length ?? frames;
  if (labels !== frames)
    throw new DataError("data/length", {
      where: name,
      rule: "there must be one label for each frame",
      got: `${frames} frames and ${labels} labels in recording ${at}`,
      fix: "Label each frame",
      details: { recording: at, frames, labels },
    });
  return frames;
}

function joined(recordings: readonly FrameRecording[], length: number): Float32Array {
  const data = new Float32Array(length);
  let to = 0;
  for (const { features } of recordings) {
    data.set(features, to);
    to += features.length;
  }
  return data;
}

/** @returns all recordings with their ends repeated, and where each sample starts in them */
function padRecordings(
  { recordings, features, context }: FramesOptions,
  frameCounts: readonly number[],
): { readonly padded: Float32Array; readonly starts: Float64Array } {
  const around = context.before + context.after;
  const total = frameCounts.reduce((sum, frames) => sum + frames, 0);
  const padded = new Float32Array((total + around * recordings.length) * features);
  const starts = new Float64Array(total);
  let [to, sample] = [0, 0];
  const append = (frame: Float32Array): void => {
    padded.set(frame, to);
    to += frame.length;
  };
  recordings.forEach(({ features: own }, at) => {
    const frames = frameCounts[at]!;
    for (let frame = 0; frame < frames; frame++) starts[sample++] = to + frame * features;
    for (let i = 0; i < context.before; i++) append(own.subarray(0, features));
    append(own);
    for (let i = 0; i < context.after; i++) append(own.subarray((frames - 1) * features));
  });
  return { padded, starts };
}
