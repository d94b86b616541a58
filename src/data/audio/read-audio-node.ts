/** @file WAV, FLAC and MP3 files as recordings, by decoders that are optional dependencies. */

import { DataError } from "../../errors/index.ts";
import { readFileBytes } from "../sources/read-file-node.ts";
import { flacDamage, flacSound } from "./flac-damage.ts";
import { mp3Sound } from "./mp3-frames.ts";
import { monoRecording, type Recording } from "./recording.ts";
import { resampled } from "./resample-node.ts";
import { afterTags } from "./sound-tags.ts";

interface Decoded {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
  /** of decoders that say what they could not decode */
  readonly errors?: readonly { readonly message: string }[];
}

interface Format {
  readonly name: "WAV" | "FLAC" | "MP3";
  /** npm package that decodes it */
  readonly package: string;
  readonly load: () => Promise<(bytes: Uint8Array) => Decoded | Promise<Decoded>>;
  /** the bytes to decode, or what is wrong with them: decoders take what is cut off for shorter */
  readonly soundOf: (bytes: Uint8Array) => Uint8Array | string;
  /** what is wrong, as the samples of a decoded channel show it */
  readonly damageOf?: (sound: Uint8Array, samples: number) => string | undefined;
}

const wav: Format = {
  name: "WAV",
  package: "@audio/decode-wav",
  load: async () => (await import("@audio/decode-wav")).default,
  soundOf: wavSound,
};
const flac: Format = {
  name: "FLAC",
  package: "@audio/decode-flac",
  load: async () => (await import("@audio/decode-flac")).default,
  soundOf: flacSound,
  damageOf: flacDamage,
};
const mp3: Format = {
  name: "MP3",
  package: "@audio/decode-mp3",
  load: async () => (await import("@audio/decode-mp3")).default,
  soundOf: mp3Sound,
};

/**
 * Reads a WAV, FLAC or MP3 file, by its content and not by its name. Channels are averaged.
 *
 * @param options.sampleRate Hz; another rate is resampled to it. Default: the file's own
 * @throws DataError "file/missing", "file/unreadable"; "file/unsupported" for other content;
 *   "file/no-decoder" if the optional package that decodes it is not installed; "file/audio" if it
 *   cannot be decoded, is cut off or damaged; "data/empty", "data/not-finite"; ConfigError
 *   "config/range"
 * @example
 *   const { samples } = await readRecording("yes.flac", { sampleRate: 16_000 });
 */
export async function readRecording(
  path: string,
  options: { readonly sampleRate?: number } = {},
): Promise<Recording> {
  const bytes = await readFileBytes(path, "a recording (WAV, FLAC or MP3)");
  const format = formatOf(bytes, path);
  const { channelData, sampleRate } = await decode(format, bytes, path);
  const recording = monoRecording(channelData, sampleRate, path);
  return options.sampleRate === undefined ? recording : resampled(recording, options.sampleRate);
}

function formatOf(bytes: Uint8Array, path: string): Format {
  const text = (from: number, to: number): string =>
    String.fromCharCode(...bytes.subarray(from, to));
  if (text(0, 4) === "RIFF" && text(8, 12) === "WAVE") return wav;
  const start = afterTags(bytes);
  if (text(start, start + 4) === "fLaC") return flac;
  const isFrame = bytes[0] === 0xff && (bytes[1]! & 0xe0) === 0xe0; // 11 bits of sync
  if (start > 0 || isFrame) return mp3;
  throw new DataError("file/unsupported", {
    where: path,
    rule: "a recording must be a WAV, FLAC or MP3 file",
    got: "other content",
    fix: "Convert it to WAV or FLAC",
    details: { file: path },
  });
}

async function decode(format: Format, bytes: Uint8Array, path: string): Promise<Decoded> {
  const sound = format.soundOf(bytes);
  if (typeof sound === "string") throw damaged(path, format.name, sound);
  const decoder = await format.load().catch((cause: unknown) => {
    throw new DataError("file/no-decoder", {
      where: path,
      rule: `reading ${format.name} needs the package ${format.package}`,
      got: "it is not installed",
      fix: `npm install ${format.package}`,
      details: { file: path, package: format.package },
      cause,
    });
  });
  let decoded: Decoded;
  try {
    decoded = await decoder(sound);
  } catch (cause) {
    throw damaged(path, format.name, cause instanceof Error ? cause.message : String(cause), cause);
  }
  const samples = decoded.channelData[0]?.length ?? 0;
  const isEmpty = samples === 0 || !(decoded.sampleRate > 0);
  const damage =
    decoded.errors?.[0]?.message ??
    format.damageOf?.(sound, samples) ??
    (isEmpty ? "no sound in it" : undefined);
  if (damage === undefined) return decoded;
  throw damaged(path, format.name, damage);
}

function wavSound(bytes: Uint8Array): Uint8Array | string {
  const declared = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) + 8;
  const isStream = declared === 8 || declared === 2 ** 32 + 7; // length not known when written
  const isCut = !isStream && declared > bytes.length;
  return isCut ? `${bytes.length} of ${declared} bytes` : bytes;
}

function damaged(path: string, format: Format["name"], got: string, cause?: unknown): DataError {
  return new DataError("file/audio", {
    where: path,
    rule: `${format === "MP3" ? "an" : "a"} ${format} file must be whole and decodable`,
    got,
    fix: "Write or copy the file again",
    details: { file: path, format },
    ...(cause === undefined ? {} : { cause }),
  });
}
