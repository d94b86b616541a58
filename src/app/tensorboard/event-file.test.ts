import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { crc32c, maskedCrc32c } from "./crc32c.ts";
import { encodeEvent, encodeFileVersion, frameRecord, type Summary } from "./index.ts";

const golden = (name: string): Uint8Array =>
  new Uint8Array(
    readFileSync(
      fileURLToPath(new URL(`../../../test/golden/tensorboard/${name}`, import.meta.url)),
    ),
  );

interface GoldenEvent {
  readonly wallTime: number;
  readonly fileVersion?: string;
  readonly step: number;
  readonly summaries: readonly Summary[];
}

test("CRC-32C of the values that RFC 3720 gives", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at))).toBe(0x46dd794e);
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
  expect(maskedCrc32c(new Uint8Array(0))).toBe(0xa282ead8); // CRC 0
});

test("a file of ours is the file of the independent writer, byte for byte", () => {
  const events = JSON.parse(new TextDecoder().decode(golden("events.json"))) as GoldenEvent[];
  const records = events.map((event) =>
    frameRecord(
      event.fileVersion === undefined ? encodeEvent(event) : encodeFileVersion(event.wallTime),
    ),
  );
  const file = Uint8Array.from(records.flatMap((record) => [...record]));
  expect(file).toEqual(golden("events.tfevents"));
});
