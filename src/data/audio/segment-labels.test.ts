/** @file Labels of frames from segments of time: worked by hand. */

import { describe, expect, it } from "vitest";
import { segmentOfFrames } from "./segment-labels.ts";

const times = { sampleRate: 1000, frameLength: 20, hop: 10 }; // middles at 10, 20, 30 … ms
const segments = [
  { name: "pau", endSeconds: 0.03 },
  { name: "s", endSeconds: 0.09 },
];

describe("segmentOfFrames", () => {
  it("places each frame by its middle", () => {
    const { segment, part } = segmentOfFrames(segments, 9, 3, times);
    expect([...segment]).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1]); // 30 ms starts the second
    expect([...part]).toEqual([1, 2, 0, 0, 1, 1, 2, 2, 2]); // 90 ms is past the end
  });

  it("refuses segments that do not rise", () => {
    expect(() => segmentOfFrames([...segments, segments[0]!], 3, 3, times)).toThrowError(
      "segmentOfFrames: there must be segments, each ending after the one before it, got segment 2 (pau) ends too early.",
    );
    expect(() => segmentOfFrames([], 3, 3, times)).toThrowError("got none");
  });
});
