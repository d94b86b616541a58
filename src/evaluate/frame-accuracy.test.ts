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
    const unlabelled = frameCounts(logits, Int32Array.of(-1, -1, -1, -1), [4]);
    expect(() => frameAccuracy(unlabelled)).toThrowError("at least one frame must have a label");
  });
});
