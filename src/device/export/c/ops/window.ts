/**
 * @file Pooling in C, and what sliding windows share: their struct, how output and input overlap.
 */

import { ExportError } from "../../../../errors/index.ts";
import type { ImageSize, PoolLayer, QuantizedWindow } from "../../../quantize/index.ts";
import type { KernelTraits } from "../kernels/scale.ts";
import { type CLowering, noScratch } from "../operation.ts";

/** What C's int16_t and int8_t hold. */
const largest = 32767;
const largestByte = 127;

/** Bytes of a `window` in flash: five of 16 bits, eight of 8 or 16. */
export function windowBytes({ wideWindows }: KernelTraits): number {
  return wideWindows ? 26 : 18;
}

/** in the order of C's fields */
const ownFields = ({ kernel, strides, padding, dilations }: QuantizedWindow) => ({
  "kernel height": kernel[0],
  "kernel width": kernel[1],
  "vertical stride": strides[0],
  "horizontal stride": strides[1],
  "top padding": padding[0],
  "left padding": padding[1],
  "vertical dilation": dilations[0],
  "horizontal dilation": dilations[1],
});

/** @returns whether a window's own numbers need more than 8 bits */
export function isWide(window: QuantizedWindow): boolean {
  return Object.values(ownFields(window)).some((value) => value > largestByte);
}

/** @returns the initialiser of a `window`. @throws ExportError as assertFits */
export function windowText(
  { name, ...window }: QuantizedWindow & { readonly name: string },
  from: ImageSize,
  to: ImageSize,
): string {
  const fields = {
    "input height": from.height,
    "input width": from.width,
    "input channels": from.channels,
    "output height": to.height,
    "output width": to.width,
    ...ownFields(window),
  };
  assertFits(name, fields);
  return `{${Object.values(fields).join(", ")}}`;
}

/**
 * @param layer its name
 * @param fields of 16 bits in C, by what they are
 * @throws ExportError "export/unsupported" for a number that does not fit
 */
export function assertFits(layer: string, fields: Readonly<Record<string, number>>): void {
  const tooLarge = Object.entries(fields).find(([, value]) => value > largest);
  if (tooLarge === undefined) return;
  throw new ExportError("export/unsupported", {
    where: layer,
    rule: `the C code keeps the sizes of images and windows in 16 bits, each up to ${largest}`,
    got: tooLarge.join(" "),
    fix: "Take shorter samples, or export it as .tflite or ONNX int8",
    details: fields,
  });
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

export const lowerPool: CLowering<PoolLayer> = ({ layer, from, to }, name, traits) => {
  const size = from[0]!; // a pool has one input
  const distance = windowDistance(layer, size, to, 1);
  const kernel = layer.kind === "maxPool" ? "max_pool" : "average_pool";
  return {
    kernels: [layer.kind],
    constants: `static const window ${name} = ${windowText(layer, size, to)};\n`,
    constantBytes: windowBytes(traits),
    call: ({ inputs, output }) => `${kernel}(&${name}, ${inputs[0]}, ${output});`,
    scratch: noScratch,
    overlaps: [{ portable: distance, dsp: distance }],
    macs: 0,
  };
};
