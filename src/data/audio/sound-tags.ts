/** @file Tags that stand before, between and after the sound in FLAC and MP3 files. */

const ape = 32; // bytes of its header, and of its footer

/**
 * @returns bytes of the tag that begins at a place: ID3v2, APE, Lyrics3, the 227 that lengthen
 *   ID3v1 ("TAG+"), or the 128 of ID3v1; 0 for none
 * @see ID3 tag version 2.4.0, Main Structure, section 3.1; APEv2 specification; Lyrics3 v2.00
 */
export function tagBytes(bytes: Uint8Array, at: number): number {
  const begins = (name: string): boolean => textAt(bytes, at, name.length) === name;
  if (begins("ID3") && at + 10 <= bytes.length) {
    let size = 0;
    for (const byte of bytes.subarray(at + 6, at + 10)) size = (size << 7) | (byte & 0x7f);
    const footer = (bytes[at + 5]! & 0x10) === 0 ? 0 : 10;
    return 10 + size + footer;
  }
  if (begins("APETAGEX") && at + ape <= bytes.length) return ape + uint32At(bytes, at + 12);
  if (begins("LYRICSBEGIN")) return lyricsBytes(bytes, at);
  if (begins("TAG+") && textAt(bytes, at + 227, 3) === "TAG") return 227;
  return begins("TAG") ? 128 : 0;
}

/** @returns where the first byte stands that is of no tag */
export function afterTags(bytes: Uint8Array): number {
  let at = 0;
  for (let tag = tagBytes(bytes, 0); tag > 0; tag = tagBytes(bytes, at)) at += tag;
  return at;
}

/** @returns where the tags at the end begin that can be told from there: ID3v1, APE */
export function beforeTags(bytes: Uint8Array): number {
  let end = bytes.length;
  for (let tag = endingBytes(bytes, end); tag > 0; tag = endingBytes(bytes, end)) end -= tag;
  return end;
}

/** @returns bytes of the tag that ends at a place; 0 for none. APE may have no header. */
function endingBytes(bytes: Uint8Array, end: number): number {
  if (end >= 128 && textAt(bytes, end - 128, 3) === "TAG") return 128;
  if (end < ape || textAt(bytes, end - ape, 8) !== "APETAGEX") return 0;
  const size = uint32At(bytes, end - ape + 12); // of items and footer
  if (size > end) return 0;
  const header = end - size - ape;
  return header >= 0 && textAt(bytes, header, 8) === "APETAGEX" ? size + ape : size;
}

/** @returns bytes up to the end that the lyrics say; 0 if they say none */
function lyricsBytes(bytes: Uint8Array, at: number): number {
  for (let end = at + 11; end + 9 <= bytes.length; end++)
    if (bytes[end] === 0x4c && /^LYRICS(200|END)$/.test(textAt(bytes, end, 9))) return end + 9 - at;
  return 0;
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

function uint32At(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
}
