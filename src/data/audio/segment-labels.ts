/** @file From segments of time (phones) to a label for each frame. */

import { DataError } from "../../errors/index.ts";

/** A stretch of a recording; it starts where the one before it ends, the first at 0. */
export interface Segment {
  readonly name: string;
  readonly endSeconds: number;
}

export interface FrameTimes {
  /** Hz */
  readonly sampleRate: number;
  /** samples in a frame */
  readonly frameLength: number;
  /** samples from the start of a frame to the start of the next */
  readonly hop: number;
}

/**
 * The segment and the part of it in which each frame's middle lies:
 *
 *   middle of frame i = (i · hop + frameLength / 2) / sampleRate
 *   part = ⌊parts · (middle − start) / (end − start)⌋
 *
 * Frames after the last segment belong to its last part.
 *
 * @param parts equal parts that a segment is cut into: 3 for a phone of three states
 * @returns for each frame the index of its segment and its part, 0 … parts − 1
 * @throws DataError "data/segments" without segments, or if their ends do not rise
 */
export function segmentOfFrames(
  segments: readonly Segment[],
  frames: number,
  parts: number,
  { sampleRate, frameLength, hop }: FrameTimes,
): { readonly segment: Int32Array; readonly part: Int32Array } {
  assertSegments(segments);
  const [segment, part] = [new Int32Array(frames), new Int32Array(frames)];
  let at = 0;
  for (let frame = 0; frame < frames; frame++) {
    const middle = (frame * hop + frameLength / 2) / sampleRate;
    while (at < segments.length - 1 && middle >= segments[at]!.endSeconds) at++;
    const start = at === 0 ? 0 : segments[at - 1]!.endSeconds;
    const share = (middle - start) / (segments[at]!.endSeconds - start);
    segment[frame] = at;
    part[frame] = Math.min(parts - 1, Math.floor(parts * share));
  }
  return { segment, part };
}

function assertSegments(segments: readonly Segment[]): void {
  const odd = segments.findIndex(
    ({ endSeconds }, at) => !(endSeconds > (segments[at - 1]?.endSeconds ?? 0)),
  );
  if (segments.length > 0 && odd < 0) return;
  throw new DataError("data/segments", {
    where: "segmentOfFrames",
    rule: "there must be segments, each ending after the one before it",
    got: odd < 0 ? "none" : `segment ${odd} (${segments[odd]!.name}) ends too early`,
    fix: "Give the end of each segment in seconds from the start of the recording",
    details: { segment: odd },
  });
}
