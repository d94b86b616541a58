/** @file Log-mel frames of recordings, by the same graph that a network can start with. */

import { compileGraph } from "../engine/compile/index.ts";
import { input } from "../engine/graph/index.ts";
import { type LogMelOptions, logMel } from "../engine/ops/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { float32 } from "../engine/tensor/index.ts";
import { DataError } from "../errors/index.ts";

/**
 * 40 filters every 10 ms from windows of 25 ms at 16 kHz: HTK's mel scale from 20 Hz to 8 kHz,
 * peaks of 1, a periodic Hann window, 512 points, ln(1e-6 + power).
 */
export const speechLogMel: LogMelOptions = {
  sampleRate: 16_000,
  frameLength: 400,
  hop: 160,
  fftSize: 512,
  mels: 40,
  lowFrequency: 20,
  melScale: "htk",
  normalization: "none",
  window: "hann",
  floor: 1e-6,
};

/** Frames of recordings, one after another. */
export interface LogMelFrames {
  /**
   * @param samples one recording at the options' sample rate
   * @returns float32 [frames, mels], frames = ⌊(samples − frameLength) / hop⌋ + 1: every frame lies
   *   wholly inside
   * @throws DataError "data/length" for a recording shorter than a frame
   */
  readonly frames: (samples: Float32Array) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

/** Frames that are computed at once: 5 s of speech. */
const chunkFrames = 512;

/**
 * Compiles `logMel` once, and runs it over recordings of any length in pieces: there is one
 * definition of these features, for preparing data and for a network that takes sound.
 *
 * @param options default {@link speechLogMel}
 * @throws the errors of `logMel`
 */
export async function openLogMelFrames(
  runtime: Runtime,
  options: LogMelOptions = speechLogMel,
): Promise<LogMelFrames> {
  const { frameLength, hop, mels } = options;
  const chunkSamples = (chunkFrames - 1) * hop + frameLength;
  const samples = input("samples", "float32", [1, chunkSamples]);
  const value = logMel(samples, options); // [1, chunkFrames, mels]
  const graph = { name: "log-mel", inputs: [samples], outputs: [{ name: "frames", value }] };
  const session = await runtime.load(compileGraph(graph));
  const frames = async (recording: Float32Array): Promise<Float32Array> => {
    const count = Math.floor((recording.length - frameLength) / hop) + 1;
    assertFrame(count, recording.length, frameLength);
    const result = new Float32Array(count * mels);
    for (let from = 0; from < count; from += chunkFrames) {
      const chunk = new Float32Array(chunkSamples); // silence after the end, whose frames are dropped
      chunk.set(recording.subarray(from * hop, from * hop + chunkSamples));
      const { outputs } = await session.run({ samples: float32([1, chunkSamples], chunk) });
      const data = outputs.frames!.data as Float32Array; // declared float32
      const wanted = Math.min(chunkFrames, count - from);
      result.set(data.subarray(0, wanted * mels), from * mels);
    }
    return result;
  };
  return { frames, close: () => session.dispose() };
}

function assertFrame(count: number, samples: number, frameLength: number): void {
  if (count >= 1) return;
  throw new DataError("data/length", {
    where: "log-mel frames",
    rule: `a recording must have at least ${frameLength} samples, one frame`,
    got: String(samples),
    fix: "Leave it out",
    details: { samples, frameLength },
  });
}
