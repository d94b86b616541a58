import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadData } from "./load-node.ts";

const scratch = mkdtempSync(join(tmpdir(), "images-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** A TIFF of one grey strip, little-endian: numbers of 8, 16 or 32 bits, the last float. */
function tiff(width: number, values: Uint8Array | Uint16Array | Float32Array): Uint8Array {
  const tags: readonly (readonly [tag: number, value: number])[] = [
    [256, width],
    [257, values.length / width],
    [258, 8 * values.BYTES_PER_ELEMENT],
    [259, 1], // not compressed
    [262, 1], // black is 0
    [273, 8 + 2 + 10 * 12 + 4], // where the pixels are
    [277, 1],
    [278, values.length / width],
    [279, values.byteLength],
    [339, values instanceof Float32Array ? 3 : 1],
  ];
  const head = new DataView(new ArrayBuffer(8 + 2 + 12 * tags.length + 4));
  head.setUint32(0, 0x002a4949, true); // "II", 42
  head.setUint32(4, 8, true);
  head.setUint16(8, tags.length, true);
  for (const [at, [tag, value]] of tags.entries()) {
    head.setUint16(10 + 12 * at, tag, true);
    head.setUint16(12 + 12 * at, 4, true); // each a 32-bit number
    head.setUint32(14 + 12 * at, 1, true);
    head.setUint32(18 + 12 * at, value, true);
  }
  const pixels = new Uint8Array(values.buffer);
  return Uint8Array.from([...new Uint8Array(head.buffer), ...pixels]);
}

async function pixelsOf(name: string, image: Uint8Array): Promise<readonly number[]> {
  const folder = join(scratch, name);
  mkdirSync(join(folder, "a"), { recursive: true });
  writeFileSync(join(folder, "a", "one.tif"), image);
  const { train } = await loadData({ source: "images", folder, size: [1, 2], channels: 1 });
  const into = new Uint8Array(2);
  await train.gather(Int32Array.of(0), into);
  return [...into];
}

test("a TIFF of 8 and of 16 bits is brought to 8", async () => {
  expect(await pixelsOf("eight", tiff(2, Uint8Array.of(50, 200)))).toEqual([50, 200]);
  expect(await pixelsOf("sixteen", tiff(2, Uint16Array.of(0, 65_535)))).toEqual([0, 255]);
});

test("pixels that do not say what is white are refused: 0.75 would be black", async () => {
  await expect(pixelsOf("float", tiff(2, Float32Array.of(0.25, 0.75)))).rejects.toMatchObject({
    code: "file/image",
    message: expect.stringContaining(
      "one.tif: the image must be readable, got pixels of type float",
    ),
  });
});
