/**
 * @file What FLAC files say of their own length and bytes. Decoders leave out frames that are
 * damaged or cut off, and say nothing.
 */

import { afterTags, beforeTags } from "./sound-tags.ts";

/** @returns the file without the tags of other formats that programs put around it */
export function flacSound(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(afterTags(bytes), beforeTags(bytes));
}

/**
 * Compares the samples that were decoded with those that there are. Where a file does not say how
 * many, or says those of the longer one that its frames were copied from, their checksums decide:
 * one after another they are a checksum of all, which is wrong if the last frame is cut off.
 *
 * @param samples of a channel
 * @returns what is wrong, or undefined
 * @see RFC 9639, Free Lossless Audio Codec, 8.2 Streaminfo, 9.3 Frame Footer
 */
export function flacDamage(sound: Uint8Array, samples: number): string | undefined {
  if (sound.length < 42) return "a part of its header";
  const view = new DataView(sound.buffer, sound.byteOffset, sound.byteLength);
  const total = (view.getUint8(21) & 15) * 2 ** 32 + view.getUint32(22);
  if (total > 0 && samples === total) return undefined;
  if (crc16(sound.subarray(firstFrame(sound))) === 0) return undefined;
  return total > 0 ? `${samples} of ${total} samples` : "a wrong checksum";
}

/** @returns where the first frame begins: after the last block of metadata */
function firstFrame(sound: Uint8Array): number {
  let at = 4; // "fLaC"
  let isLast = false;
  while (!isLast && at + 4 <= sound.length) {
    isLast = (sound[at]! & 0x80) !== 0;
    at += 4 + ((sound[at + 1]! << 16) | (sound[at + 2]! << 8) | sound[at + 3]!);
  }
  return at;
}

const crcOfByte = Uint16Array.from({ length: 256 }, (_, byte) => {
  let rest = byte << 8;
  for (let bit = 0; bit < 8; bit++) rest = (rest << 1) ^ (rest & 0x8000 ? 0x8005 : 0);
  return rest;
});

/** @returns 0 for frames that end in their own checksums */
function crc16(bytes: Uint8Array): number {
  let rest = 0;
  for (const byte of bytes) rest = ((rest << 8) & 0xffff) ^ crcOfByte[(rest >> 8) ^ byte]!;
  return rest;
}
