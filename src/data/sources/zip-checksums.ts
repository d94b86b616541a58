/** @file CRC-32 of gzip and zip members: fflate inflates without checking it. */

import { gunzipSync } from "fflate";
import { damaged } from "./file-errors.ts";

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

/** @returns CRC-32 (ISO-HDLC) of the bytes, as unsigned 32-bit number */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255]!;
  return (crc ^ 0xffffffff) >>> 0;
}

/**
 * Inflates a gzip file of one member; other bytes are returned as they are.
 *
 * @throws DataError "file/damaged" if it is cut off or its checksum is wrong
 */
export function gunzipped(bytes: Uint8Array, where: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  let content: Uint8Array;
  try {
    content = gunzipSync(bytes);
  } catch (error) {
    throw damaged(where, "a gzip file", error);
  }
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  if (trailer.getUint32(0, true) !== crc32(content)) throw damaged(where, "a gzip file");
  return content;
}

/**
 * Checks inflated members of a zip against its central directory.
 *
 * @param files members by name
 * @throws DataError "file/damaged" for a wrong checksum
 */
export function verifyZip(
  zip: Uint8Array,
  where: string,
  files: Readonly<Record<string, Uint8Array>>,
): void {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  let end = zip.length - 22;
  while (end > 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  for (let entry = 0; entry < count && at + 46 <= zip.length; entry++) {
    if (view.getUint32(at, true) !== 0x02014b50) throw damaged(where, "a zip file");
    const nameBytes = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(zip.subarray(at + 46, at + 46 + nameBytes));
    const file = files[name];
    if (file !== undefined && crc32(file) !== view.getUint32(at + 16, true))
      throw damaged(`${where}:${name}`, "a zip member");
    at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}
