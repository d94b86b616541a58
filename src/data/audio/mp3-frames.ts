/**
 * @file The frames of an MP3 file, by their headers. Decoders look for the next frame where one is
 * damaged or cut off, and say nothing.
 */

import { afterTags, beforeTags, tagBytes } from "./sound-tags.ts";

/** kbit/s of the numbers 1 … 14 in headers, for layers III, II, I */
const bitRates = {
  mpeg1: [
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  ],
  mpeg2: [
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  ],
} as const;
const sampleRates = [44100, 48000, 32000]; // of MPEG 1; MPEG 2 has half of them, 2.5 a quarter

/** The bits of a header that all frames of a file share: version, layer, sample rate. */
const kindBits = 0xfffe0c00;

interface Frame {
  readonly length: number;
  readonly kind: number;
  /** bytes of header and side information of layer III */
  readonly start: number;
}

/**
 * @returns the frames, without what stands before and after them; or what is wrong with them, in
 *   words. A file that does not count its frames may end after any of them, with zeros behind.
 * @see ISO/IEC 11172-3, 2.4.1.3 and 2.4.2.3; ISO/IEC 13818-3; the frame "Xing" or "Info" of LAME
 *   and the frame "VBRI" of Fraunhofer, which count frames and bytes
 */
export function mp3Sound(bytes: Uint8Array): Uint8Array | string {
  const start = afterTags(bytes);
  const at = frameAt(bytes, start) === undefined ? firstFrame(bytes, start) : start;
  if (at === undefined) return "no frame in it that says its length";
  const first = frameAt(bytes, at)!; // found there
  const { frames, end, rest } = walk(bytes, at, first.kind);
  const counted = countOf(bytes, at, first);
  const hasPart = frameAt(bytes, rest)?.kind === first.kind; // of one more frame
  const isWhole =
    counted === undefined
      ? bytes.subarray(rest, beforeTags(bytes)).every((byte) => byte === 0)
      : (frames > counted.frames || (!hasPart && countsItself(counted, frames, end - at))) &&
        firstFrame(bytes, rest) === undefined;
  if (isWhole) return bytes.subarray(at, end);
  if (!hasPart && rest < bytes.length) return `other bytes at byte ${rest}, after ${frames} frames`;
  if (counted === undefined) return `a part of frame ${frames + 1}`;
  return `${frames - 1} of ${counted.frames} frames`; // without the one that counts
}

interface Walked {
  readonly frames: number;
  /** where the last frame ends */
  readonly end: number;
  /** where neither a whole frame nor a tag follows */
  readonly rest: number;
}

function walk(bytes: Uint8Array, first: number, kind: number): Walked {
  let [frames, end, at] = [0, first, first];
  while (at < bytes.length) {
    const frame = frameAt(bytes, at);
    if (frame?.kind === kind && at + frame.length <= bytes.length) {
      frames++;
      at += frame.length;
      end = at;
    } else {
      const tag = tagBytes(bytes, at);
      if (tag === 0) break;
      at += tag;
    }
  }
  return { frames, end, rest: at };
}

/** @returns where a frame stands that counts others, or that another, a tag or the end follows */
function firstFrame(bytes: Uint8Array, from: number): number | undefined {
  for (let at = from; at + 4 <= bytes.length; at++) {
    const frame = frameAt(bytes, at);
    if (frame === undefined) continue;
    const next = at + frame.length;
    const isFollowed = next === bytes.length || tagBytes(bytes, next) > 0;
    if (isFollowed || frameAt(bytes, next)?.kind === frame.kind) return at;
    if (countOf(bytes, at, frame) !== undefined) return at;
  }
  return undefined;
}

/** @returns undefined where no header stands, or one of a frame that does not say its length */
function frameAt(bytes: Uint8Array, at: number): Frame | undefined {
  if (at + 4 > bytes.length || bytes[at] !== 0xff) return undefined;
  const header = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0);
  const field = (shift: number, bits: number): number => (header >>> shift) & (2 ** bits - 1);
  const [version, layer] = [field(19, 2), field(17, 2)];
  const kilobits = bitRates[version === 3 ? "mpeg1" : "mpeg2"][layer - 1]?.[field(12, 4) - 1];
  const rate = sampleRates[field(10, 2)];
  if (field(21, 11) !== 0x7ff || version === 1 || kilobits === undefined || rate === undefined)
    return undefined;
  const hertz = rate / (version === 3 ? 1 : version === 2 ? 2 : 4);
  const samples = layer === 3 ? 384 : layer === 1 && version !== 3 ? 576 : 1152;
  const slot = layer === 3 ? 4 : 1; // bytes
  const slots = Math.floor((samples * kilobits * 1000) / (8 * slot * hertz)) + field(9, 1);
  const isMono = field(6, 2) === 3;
  const start = 4 + (version === 3 ? (isMono ? 17 : 32) : isMono ? 9 : 17);
  return { length: slot * slots, kind: (header & kindBits) >>> 0, start };
}

interface Count {
  readonly frames: number;
  /** of all frames; 0 if it is not said */
  readonly bytes: number;
}

/** @returns what a frame counts, if it is one that counts */
function countOf(bytes: Uint8Array, at: number, { start }: Frame): Count | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
  const hasName = (from: number, ...names: readonly string[]): boolean =>
    names.includes(String.fromCharCode(...bytes.subarray(at + from, at + from + 4)));
  if (view.byteLength < 54) return undefined;
  if (hasName(36, "VBRI")) return { frames: view.getUint32(50), bytes: view.getUint32(46) };
  if (!hasName(start, "Xing", "Info")) return undefined;
  const flags = view.getUint32(start + 4);
  const frames = (flags & 1) === 0 ? 0 : view.getUint32(start + 8);
  const counted = (flags & 2) === 0 ? 0 : view.getUint32(start + 12);
  return frames === 0 ? undefined : { frames, bytes: counted };
}

/** Some writers count the frame that counts, too; their bytes are then those of all frames. */
function countsItself(counted: Count, frames: number, length: number): boolean {
  return frames === counted.frames && length >= counted.bytes;
}
