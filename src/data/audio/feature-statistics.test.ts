/** @file Statistics of features: worked by hand. */

import { describe, expect, it } from "vitest";
import { featureStatistics, standardized } from "./feature-statistics.ts";

const recordings = [Float32Array.of(1, 10, 3, 10), Float32Array.of(5, 40)];

describe("featureStatistics", () => {
  it("are those of all frames together", () => {
    const { mean, deviation } = featureStatistics(recordings, 2);
    // tolerances: a handful of float64 operations
    expect(mean[0]).toBeCloseTo(3, 12);
    expect(mean[1]).toBeCloseTo(20, 12);
    expect(deviation[0]).toBeCloseTo(Math.sqrt(8 / 3), 12);
    expect(deviation[1]).toBeCloseTo(Math.sqrt(200), 12);
  });

  it("bring the frames that they are of to mean 0 and deviation 1", () => {
    const own = featureStatistics(recordings, 2);
    const { mean, deviation } = featureStatistics(
      recordings.map((frames) => standardized(frames, own)),
      2,
    );
    for (const feature of [0, 1]) {
      expect(mean[feature]).toBeCloseTo(0, 6); // float32 frames
      expect(deviation[feature]).toBeCloseTo(1, 6);
    }
  });

  it("refuse what has no deviation, and no frames", () => {
    expect(() => featureStatistics([Float32Array.of(1, 2, 1, 3)], 2)).toThrowError(
      "featureStatistics: a feature must change, or it cannot be brought to deviation 1, got 1 in every frame for feature 0. Leave the feature out.",
    );
    expect(() => featureStatistics([], 2)).toThrowError("at least one frame");
  });
});
