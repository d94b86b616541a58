/** @file Recordings at another sample rate, by libsamplerate (an optional dependency). */

import { assertInRange, DataError } from "../../errors/index.ts";
import type { Recording } from "./recording.ts";

/**
 * Silence behind the recording, in samples: what the converter holds back at the end of a long one
 * (it takes those in pieces) must come from here.
 */
const tail = 4096;

/**
 * The same sound at another rate: band-limited sinc interpolation (libsamplerate's best quality,
 * signal to noise 97 dB or better), round(samples · rate / own rate) samples long. The same
 * recording if it has that rate already.
 *
 * @param sampleRate Hz, a 256th … 256 times the recording's
 * @throws ConfigError "config/range"; DataError "file/no-decoder" if the package is not installed
 */
export async function resampled(recording: Recording, sampleRate: number): Promise<Recording> {
  if (recording.sampleRate === sampleRate) return recording;
  const from = recording.sampleRate;
  assertInRange("resampled", { sampleRate }, { from: from / 256, to: from * 256 });
  const { create, ConverterType } = await loadResampler();
  const converter = await create(1, from, sampleRate, {
    converterType: ConverterType.SRC_SINC_BEST_QUALITY,
  });
  const length = Math.round((recording.samples.length * sampleRate) / from);
  const followed = new Float32Array(recording.samples.length + tail * Math.ceil(from / sampleRate));
  followed.set(recording.samples);
  try {
    return { samples: converter.simple(followed).slice(0, length), sampleRate };
  } finally {
    converter.destroy();
  }
}

/** The part of the package that is used; it is CommonJS. */
type Resampler = typeof import("@alexanderolsen/libsamplerate-js/dist/libsamplerate.js");

async function loadResampler(): Promise<Resampler> {
  try {
    const loaded = await import("@alexanderolsen/libsamplerate-js");
    return loaded.default;
  } catch (cause) {
    throw new DataError("file/no-decoder", {
      where: "resampled",
      rule: "another sample rate needs the package @alexanderolsen/libsamplerate-js",
      got: "it is not installed",
      fix: "npm install @alexanderolsen/libsamplerate-js",
      details: { package: "@alexanderolsen/libsamplerate-js" },
      cause,
    });
  }
}
