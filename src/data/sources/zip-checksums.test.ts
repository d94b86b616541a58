import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { crc32 } from "./zip-checksums.ts";

test("CRC-32 as zlib computes it", () => {
  const path = new URL("../../../test/golden/data/expected.json", import.meta.url);
  const golden: Record<string, number> = JSON.parse(readFileSync(path, "utf8")).crc32;
  for (const [text, value] of Object.entries(golden))
    expect(crc32(new TextEncoder().encode(text))).toBe(value);
});
