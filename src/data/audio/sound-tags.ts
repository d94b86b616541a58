/** @file Tags that stand before, between and after the sound in FLAC and MP3 files. */

/**
 * @returns bytes of the tag that begins at a place: ID3v2, APE, or the 128 of ID3v1; 0 for none
 * @see ID3 tag version 2.4.0, Main Structure, section 3.1; APEv2 specification
 */
export function tagBytes(bytes: Uint8Array, at: number): number {
  const name = String.fromCharCode(...bytes.subarray(at, at + 8));
  if (name.startsWith("ID3") && at + 10 <= bytes.length) {
    let size = 0;
    for (const byte of bytes.subarray(at + 6, at + 10)) size = (size << 7) | (byte & 0x7f);
    const footer = (bytes[at + 5]! & 0x10) === 0 ? 0 : 10;
    return 10 + size + footer;
  }
  if (name === "APETAGEX" && at + 32 <= bytes.length)
    return 32 + new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(12, true);
  return name.startsWith("TAG") ? 128 : 0;
}

/** @returns where the first byte stands that is of no tag */
export function afterTags(bytes: Uint8Array): number {
  let at = 0;
  for (let tag = tagBytes(bytes, 0); tag > 0; tag = tagBytes(bytes, at)) at += tag;
  return at;
}
