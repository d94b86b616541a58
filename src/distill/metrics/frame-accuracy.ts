/** @file Frame accuracy: the share of frames whose state is named, counted by recording. */

import { assertStates } from "../../data/index.ts";
import { DataError, ShapeError } from "../../errors/index.ts";
import { predictions } from "./predictions.ts";
import { rowLength } from "./scored-samples.ts";

/** Frames of each recording; what a bootstrap over recordings resamples. */
export interface FrameCounts {
  /** frames with a label */
  readonly frames: Int32Array;
  /** of those, frames whose largest score (first of ties) is the label's */
  readonly correct: Int32Array;
}

/**
 * Counts correct frames, recording by recording. Frames of one recording are much alike, so an
 * interval must resample recordings and not frames.
 *
 * @param logits float32 [frames, states]; @param labels int32 [frames], −1 where the state is not
 *   known: such frames do not count
 * @param recordingFrames frames of each recording, in order; they add up to the number of frames
 * @throws ShapeError "shape/mismatch" if these do not fit together; DataError "data/label-range"
 *   for a label that is neither a state nor −1, "data/not-a-number" for NaN
 */
export function frameCounts(
  logits: Float32Array,
  labels: Int32Array,
  recordingFrames: readonly number[],
): FrameCounts {
  const states = logits.length / labels.length;
  const total = recordingFrames.reduce((sum, frames) => sum + frames, 0);
  if (labels.length === 0 || !Number.isInteger(states) || total !== labels.length)
    throw new ShapeError("shape/mismatch", {
      where: "frameCounts",
      rule: "logits must be [frames, states], with one label a frame, and recordings must hold all frames",
      got: `${logits.length} logits, ${labels.length} labels, ${total} frames in recordings`,
      fix: "Give the scores and labels of the same recordings",
      details: { logits: logits.length, labels: labels.length, frames: total },
    });
  assertStates("frameCounts", labels, rowLength("frameCounts", logits, labels.length));
  const named = predictions(logits, states);
  const frames = new Int32Array(recordingFrames.length);
  const correct = new Int32Array(recordingFrames.length);
  let at = 0;
  recordingFrames.forEach((count, recording) => {
    for (const end = at + count; at < end; at++) {
      if (labels[at]! < 0) continue;
      frames[recording]! += 1;
      if (named[at] === labels[at]) correct[recording]! += 1;
    }
  });
  return { frames, correct };
}

/**
 * Share of labelled frames that are correct, over all recordings together.
 *
 * @throws DataError "data/empty" if no frame has a label
 */
export function frameAccuracy({ frames, correct }: FrameCounts): number {
  const labelled = frames.reduce((sum, count) => sum + count, 0);
  if (labelled === 0)
    throw new DataError("data/empty", {
      where: "frameAccuracy",
      rule: "at least one frame must have a label",
      got: "none",
      fix: "Label the frames of the test recordings",
    });
  return correct.reduce((sum, count) => sum + count, 0) / labelled;
}
