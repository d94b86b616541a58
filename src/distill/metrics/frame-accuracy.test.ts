/** @file Frame accuracy by recording: worked by hand. */

import { describe, expect, it } from "vitest";
import { frameAccuracy, frameCounts } from "./frame-accuracy.ts";

/** names states 1, 0, 1, 1 */
const logits = Float32Array.of(0, 1, 2, 1, -1, 0, 3, 4);

describe("frameCounts", () => {
  it("counts each recording, and leaves out frames without a label", () => {
    const counts = frameCounts(logits, Int32Array.of(1, 1, -1, 1), [2, 2]);
    expect([...counts.frames]).toEqual([2, 1]);
    expect([...counts.correct]).toEqual([1, 1]);
    expect(frameAccuracy(counts)).toBe(2 / 3);
  });

  it("refuses what does not fit together", () => {
    expect(() => frameCounts(logits, Int32Array.of(1, 1, 0, 1), [2, 1])).toThrowError(
      "frameCounts: logits must be [frames, states], with one label a frame, and recordings must hold all frames, got 8 logits, 4 labels, 3 frames in recordings.",
    );
    for (const odd of [2, 7, -2])
      expect(() => frameCounts(logits, Int32Array.of(0, -1, odd, 1), [4])).toThrowError(
        `frameCounts: labels must be states, 0 … 1, or -1 where the state is not known, got ${odd} in frame 2.`,
      );
    expect(() => frameCounts(logits.with(5, Number.NaN), new Int32Array(4), [4])).toThrowError(
      "frameCounts: scores must be numbers, got NaN at sample 2.",
    );
    const unlabelled = frameCounts(logits, Int32Array.of(-1, -1, -1, -1), [4]);
    expect(() => frameAccuracy(unlabelled)).toThrowError("at least one frame must have a label");
  });
});
