/** @file PNG images as data URIs, for pictures inside one self-contained page. */

import { zlibSync } from "fflate";
import { ShapeError } from "../../errors/index.ts";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * @param pixels uint8 [channels, height, width]: grey for 1 channel, red-green-blue for 3
 * @returns `data:image/png;base64,…`
 * @throws ShapeError "shape/picture" for any other shape
 * @see W3C, Portable Network Graphics (PNG) Specification, 3rd edition (8 bits a sample, filter 0,
 * not interlaced)
 */
export function pngDataUri(pixels: Uint8Array, shape: readonly number[]): string {
  const [channels = 0, height = 0, width = 0] = shape;
  if (!isPicture(shape) || pixels.length !== channels * height * width)
    throw new ShapeError("shape/picture", {
      where: "pngDataUri",
      rule: "a picture must be uint8 [1 or 3 channels, height, width]",
      got: `${pixels.length} bytes of shape [${shape.join(", ")}]`,
      fix: "Pass null for samples that are not pictures",
    });
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 1 ? 0 : 2], 8);
  const bytes = [
    ...signature,
    ...chunk("IHDR", header),
    ...chunk("IDAT", zlibSync(scanLines(pixels, channels, height, width))),
    ...chunk("IEND", new Uint8Array(0)),
  ];
  const text = bytes.map((byte) => String.fromCharCode(byte)).join("");
  return `data:image/png;base64,${btoa(text)}`;
}

/** True for [1 | 3, height, width] with at least one pixel. */
export function isPicture(shape: readonly number[]): boolean {
  const [channels, height = 0, width = 0] = shape;
  return shape.length === 3 && (channels === 1 || channels === 3) && height > 0 && width > 0;
}

/** [channels, height, width] → rows of interleaved samples, each row after its filter byte 0. */
function scanLines(
  pixels: Uint8Array,
  channels: number,
  height: number,
  width: number,
): Uint8Array {
  const lines = new Uint8Array(height * (1 + width * channels));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++)
        lines[y * (1 + width * channels) + 1 + x * channels + c] =
          pixels[(c * height + y) * width + x]!;
  return lines;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
