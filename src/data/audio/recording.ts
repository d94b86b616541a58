/** @file A recording: one channel of sound in memory. */

import { DataError } from "../../errors/index.ts";

/** One channel of sound. */
export interface Recording {
  /** sound pressure; files of integers give −1 … 1 */
  readonly samples: Float32Array;
  /** Hz */
  readonly sampleRate: number;
}

/**
 * Mean of all channels.
 *
 * @param channels one array a channel, equally long
 * @param where what messages call the recording: its file
 * @throws DataError "data/empty" without a sample; "data/length" for channels of unlike length;
 *   "data/not-finite" for NaN or infinity
 */
export function monoRecording(
  channels: readonly Float32Array[],
  sampleRate: number,
  where: string,
): Recording {
  const length = channels[0]?.length ?? 0;
  if (length === 0)
    throw new DataError("data/empty", {
      where,
      rule: "a recording must hold at least one sample",
      got: "none",
      fix: "Give a recording with sound in it",
    });
  if (channels.some((channel) => channel.length !== length))
    throw new DataError("data/length", {
      where,
      rule: "all channels of a recording must be equally long",
      got: channels.map((channel) => channel.length).join(", "),
      fix: "Write the file again; it seems to be cut off",
    });
  const samples = Float32Array.from({ length }, (_, at) => {
    let sum = 0;
    for (const channel of channels) sum += channel[at]!;
    return sum / channels.length;
  });
  const odd = samples.findIndex((sample) => !Number.isFinite(sample));
  if (odd >= 0)
    throw new DataError("data/not-finite", {
      where,
      rule: "every sample must be a finite number",
      got: `${samples[odd]} at sample ${odd}`,
      fix: "Write the file again",
      details: { sample: odd },
    });
  return { samples, sampleRate };
}
