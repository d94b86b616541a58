import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { pngDataUri } from "./png.ts";

test("a grey picture: PNG that zlib and CRC-32 accept, rows in order", async () => {
  const pixels = Uint8Array.of(0, 64, 128, 192, 255, 7);
  const { bytes, data } = decode(pngDataUri(pixels, [1, 2, 3]));
  expect([...bytes.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  expect([...data]).toEqual([0, 0, 64, 128, 0, 192, 255, 7]);
});

test("a colour picture interleaves its channels", () => {
  const { data } = decode(pngDataUri(Uint8Array.of(1, 2, 3, 4, 5, 6), [3, 1, 2]));
  expect([...data]).toEqual([0, 1, 3, 5, 2, 4, 6]);
});

test("an independent decoder reads the pixels back", async () => {
  const { default: sharp } = await import("sharp");
  const pixels = Uint8Array.from({ length: 3 * 5 * 7 }, (_, i) => (i * 37) % 256);
  const { bytes } = decode(pngDataUri(pixels, [3, 5, 7]));
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  expect([info.channels, info.height, info.width]).toEqual([3, 5, 7]);
  const planar = Uint8Array.from(pixels, (_, i) => data[(i % 35) * 3 + Math.floor(i / 35)]!);
  const digest = (b: Uint8Array): string => createHash("sha256").update(b).digest("hex");
  expect(digest(planar)).toBe(digest(pixels));
});

test("anything but a picture is refused", () => {
  expect(() => pngDataUri(new Uint8Array(6), [6])).toThrow("1 or 3 channels");
  expect(() => pngDataUri(new Uint8Array(5), [1, 2, 3])).toThrow("got 5 bytes of shape [1, 2, 3]");
  expect(() => pngDataUri(new Uint8Array(8), [2, 2, 2])).toThrow("shape [2, 2, 2]");
});

function decode(uri: string): { bytes: Uint8Array; data: Uint8Array } {
  const bytes = Buffer.from(uri.replace("data:image/png;base64,", ""), "base64");
  const length = bytes.readUInt32BE(33); // after the signature (8) and IHDR (25)
  expect(bytes.subarray(37, 41).toString("latin1")).toBe("IDAT");
  return { bytes, data: inflateSync(bytes.subarray(41, 41 + length)) };
}
