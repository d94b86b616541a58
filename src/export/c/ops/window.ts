/** @file What sliding windows share in C: their struct, and how output and input may overlap. */

import type { ImageSize, QuantizedWindow } from "../../../quantize/index.ts";

/** Bytes of a `window` in flash. */
export const windowBytes = 18;

/** @returns the initialiser of a `window` */
export function windowText(
  { kernel, strides, padding, dilations }: QuantizedWindow,
  from: ImageSize,
  to: ImageSize,
): string {
  const [top, left] = padding;
  const numbers = [
    ...[from.height, from.width, from.channels, to.height, to.width],
    ...[...kernel, ...strides, top, left, ...dilations],
  ];
  return `{${numbers.join(", ")}}`;
}

/**
 * The distance where a row of outputs is written while inputs of that row are still to be read:
 * the largest (row + 1) · rowBytes − first byte that this row or a later one reads.
 */
export function rowDistance(window: QuantizedWindow, from: ImageSize, to: ImageSize): number {
  const rows = Array.from({ length: to.height }, (_, row) => {
    const firstRow = Math.max(0, row * window.strides[0] - window.padding[0]);
    return (row + 1) * to.width * to.channels - firstRow * from.width * from.channels;
  });
  return Math.max(0, ...rows);
}

/**
 * Outputs are written in groups of pixels, each group after all that it needs has been read.
 *
 * @param group pixels read before the first of them is written
 * @returns the least number of bytes that the output must start before the input, so that no write
 *   reaches an input that a later group reads
 */
export function windowDistance(
  window: QuantizedWindow,
  from: ImageSize,
  to: ImageSize,
  group: number,
): number {
  const places = to.height * to.width;
  const firstRead = (place: number): number => {
    const row = Math.floor(place / to.width) * window.strides[0] - window.padding[0];
    const column = (place % to.width) * window.strides[1] - window.padding[1];
    return (Math.max(0, row) * from.width + Math.max(0, column)) * from.channels;
  };
  let distance = -Infinity;
  let laterReads = Infinity;
  for (let start = Math.floor((places - 1) / group) * group; start >= 0; start -= group) {
    const end = Math.min(places, start + group);
    if (laterReads !== Infinity) distance = Math.max(distance, end * to.channels - laterReads);
    for (let place = start; place < end; place++)
      laterReads = Math.min(laterReads, firstRead(place));
  }
  return Math.max(0, distance);
}
