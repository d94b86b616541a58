/** @file Resampling: a tone stays the same tone, long recordings keep their ends. */

import { describe, expect, it } from "vitest";
import { resampled } from "./resample-node.ts";

/** 440 Hz */
function tone(sampleRate: number, seconds: number): Float32Array {
  return Float32Array.from({ length: sampleRate * seconds }, (_, at) =>
    Math.sin((2 * Math.PI * 440 * at) / sampleRate),
  );
}

describe("resampled", () => {
  it.each([
    [8000, 16000, 1],
    [48000, 16000, 1],
    [16000, 8000, 1],
    [8000, 16000, 100], // longer than the converter takes at once
    [16000, 8000, 130],
  ])(
    "%i → %i Hz, %i s: the same tone to its end",
    async (from, to, seconds) => {
      const { samples, sampleRate } = await resampled(
        { samples: tone(from, seconds), sampleRate: from },
        to,
      );
      expect(sampleRate).toBe(to);
      expect(samples).toHaveLength(to * seconds);
      const expected = tone(to, seconds);
      // Within the filter's length of an end the sound is a step; elsewhere 97 dB below full scale.
      const edge = 400;
      let worst = 0;
      for (let at = edge; at < samples.length - edge; at++)
        worst = Math.max(worst, Math.abs(samples[at]! - expected[at]!));
      expect(worst).toBeLessThan(10 ** (-97 / 20));
      const last = samples.subarray(-edge).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      expect(last).toBeGreaterThan(0.5); // there is sound at the end
    },
    300_000,
  ); // the long ones take a minute on a busy machine

  it("returns a recording of that rate as it is", async () => {
    const recording = { samples: new Float32Array(3), sampleRate: 16000 };
    expect(await resampled(recording, 16000)).toBe(recording);
  });

  it("refuses rates that are out of reach", async () => {
    const recording = { samples: new Float32Array(3), sampleRate: 16000 };
    await expect(resampled(recording, 10)).rejects.toThrow("sampleRate must be a finite number");
  });
});
