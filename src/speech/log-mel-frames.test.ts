/** @file Log-mel frames: against sums written out in float64, and in pieces as in one. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { melFilters } from "../engine/ops/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { randomStream } from "../engine/tensor/index.ts";
import { type LogMelFrames, openLogMelFrames, speechLogMel } from "./log-mel-frames.ts";

const { frameLength, hop, fftSize, mels } = speechLogMel;

/** Two tones under noise. */
function sound(samples: number): Float32Array {
  const stream = randomStream("log-mel");
  return Float32Array.from(
    { length: samples },
    (_, t) =>
      0.3 * Math.sin((2 * Math.PI * 700 * t) / 16_000) +
      0.1 * Math.sin((2 * Math.PI * 3100 * t) / 16_000) +
      0.01 * stream.normal(),
  );
}

/** One frame in float64, term by term. */
function frameOf(samples: Float32Array, at: number): number[] {
  const filters = melFilters(speechLogMel);
  const bins = fftSize / 2 + 1;
  const power = Array.from({ length: bins }, (_, k) => {
    let [re, im] = [0, 0];
    for (let t = 0; t < frameLength; t++) {
      const x = samples[at + t]! * (0.5 - 0.5 * Math.cos((2 * Math.PI * t) / frameLength));
      re += x * Math.cos((2 * Math.PI * k * t) / fftSize);
      im -= x * Math.sin((2 * Math.PI * k * t) / fftSize);
    }
    return re * re + im * im;
  });
  return Array.from({ length: mels }, (_, m) =>
    Math.log(power.reduce((sum, p, k) => sum + p * filters.data[m * bins + k]!, 1e-6)),
  );
}

describe("log-mel frames", () => {
  let runtime: Runtime;
  let logMel: LogMelFrames;
  beforeAll(async () => {
    runtime = await nodeRuntime({ worker: false });
    logMel = await openLogMelFrames(runtime);
  });
  afterAll(async () => {
    await logMel.close();
    await runtime.close();
  });

  it("are the sums written out, in each piece and across their edges", async () => {
    const count = 700; // longer than one piece of 512 frames
    const samples = sound((count - 1) * hop + frameLength);
    const frames = await logMel.frames(samples);
    expect(frames).toHaveLength(count * mels);
    let worst = 0;
    for (const frame of [0, 1, 511, 512, 699])
      frameOf(samples, frame * hop).forEach((expected, m) => {
        worst = Math.max(worst, Math.abs(frames[frame * mels + m]! - expected));
      });
    // float32 sums of 400 terms; 1e-5 here
    expect(worst).toBeLessThan(1e-4);
  });

  it("hold only whole frames", async () => {
    expect(await logMel.frames(sound(frameLength))).toHaveLength(mels);
    expect(await logMel.frames(sound(frameLength + hop - 1))).toHaveLength(mels);
    expect(await logMel.frames(sound(frameLength + hop))).toHaveLength(2 * mels);
  });

  it("are refused for less than a frame", async () => {
    await expect(logMel.frames(new Float32Array(399))).rejects.toThrow(
      "log-mel frames: a recording must have at least 400 samples, one frame, got 399. Leave it out.",
    );
  });
});
