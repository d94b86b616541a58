/** @file FLAC and MP3 files that are cut off or damaged are refused; tags are no damage. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecording } from "./read-audio-node.ts";

const golden = new URL("../../../test/golden/audio/", import.meta.url);
const mp3 = new Uint8Array(readFileSync(new URL("mono.mp3", golden)));
const frameBytes = 288; // of this MP3: a frame that counts five others, and those

const scratch = mkdtempSync(join(tmpdir(), "damaged-"));
afterAll(() => rmSync(scratch, { recursive: true }));

async function read(...parts: readonly (Uint8Array | string)[]): Promise<Float32Array> {
  const path = join(scratch, "sound");
  writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part as string, "latin1"))));
  return (await readRecording(path)).samples;
}

async function refusal(...parts: readonly (Uint8Array | string)[]): Promise<string> {
  const error = await read(...parts).then(
    (samples) => new Error(`${samples.length} samples were read`),
    (thrown: Error) => thrown,
  );
  const code = "code" in error ? error.code : "none";
  return `${code} ${error.message.replace(`${scratch}/`, "")}`;
}

/** Bytes with others in their midst. */
function patched(bytes: Uint8Array, at: number, others: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(others, at);
  return copy;
}
const share = (bytes: Uint8Array, part: number): Uint8Array =>
  bytes.subarray(0, Math.floor(bytes.length * part));
const zeros = (count: number): Uint8Array => new Uint8Array(count);

const id3v2 = (size: number): string =>
  `ID3\x04\0\0\0\0${String.fromCharCode(size >> 7, size & 127)}`;
const title = `TIT2\0\0\0\x06\0\0\x03hello`; // 16 bytes
const id3v1 = `TAG${"x".repeat(125)}`;
const apeHead = `APETAGEX\xd0\x07\0\0\x20\0\0\0\0\0\0\0\0\0\0\xa0${"\0".repeat(8)}`;
const ape = `${apeHead}${apeHead}`; // no item between header and footer
const apeFooter = `12345678${apeHead.replace(" ", "\x28")}`; // of items without header
const longer = `TAG+${"x".repeat(223)}`;
const lyrics = (end: string): string => `LYRICSBEGINLLL then words000021LYRICS${end}`;

function crc(bytes: readonly number[], bits: 8 | 16, polynomial: number): number {
  const top = 1 << (bits - 1);
  let rest = 0;
  for (const byte of bytes) {
    rest ^= byte << (bits - 8);
    for (let bit = 0; bit < 8; bit++) rest = (rest << 1) ^ (rest & top ? polynomial : 0);
    rest &= 2 * top - 1;
  }
  return rest;
}

const flacFrame = 9 + 2 * 256; // bytes

/** A FLAC file of 8 kHz and 16 bits: 16 frames of 256 samples each, as they are. */
function flacFile(): Uint8Array {
  const info = [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xf4, 0x00, 0xf0, 0, 0, 0x10, 0, ...zeros(16)];
  const frames = Array.from({ length: 16 }, (_, frame) => {
    const start = [0xff, 0xf8, 0x84, 0x08, frame];
    const samples = Array.from({ length: 256 }, (_, at) => [(at * 7) % 100, (at * frame) % 256]);
    const whole = [...start, crc(start, 8, 0x107), 0x02, ...samples.flat()];
    const check = crc(whole, 16, 0x18005);
    return [...whole, check >> 8, check & 255];
  });
  return Uint8Array.from([...Buffer.from("fLaC"), 0x80, 0, 0, 34, ...info, ...frames.flat()]);
}

describe("FLAC", () => {
  const flac = flacFile();
  let whole: Float32Array;
  beforeAll(async () => {
    whole = await read(flac);
  });

  it.each([0.3, 0.6, 0.9, 0.999])("cut to %f of it is refused", async (part) => {
    expect(await refusal(share(flac, part))).toContain(
      "file/audio sound: a FLAC file must be whole and decodable, got",
    );
  });

  it("with changed bytes is refused", async () => {
    const odd = [flac[4000]! ^ 0xff, flac[4001]! ^ 0x7f];
    expect(await refusal(patched(flac, 4000, odd))).toContain("file/audio sound: a FLAC file");
  });

  it("says how many samples there are", async () => {
    expect(await refusal(share(flac, 0.6))).toBe(
      "file/audio sound: a FLAC file must be whole and decodable, got 2304 of 4096 samples. Write or copy the file again.",
    );
  });

  describe("that does not say its length", () => {
    const stream = patched(flac, 22, [0, 0, 0, 0]);

    it("is read", async () => {
      expect(await read(stream)).toEqual(whole);
    });

    it("is refused if it is cut off or changed", async () => {
      const message =
        "file/audio sound: a FLAC file must be whole and decodable, got a wrong checksum.";
      expect(await refusal(share(stream, 0.9))).toContain(message);
      expect(await refusal(patched(stream, 4000, [flac[4000]! ^ 1]))).toContain(message);
    });
  });

  describe("whose frames were copied from a longer one", () => {
    const part = flac.subarray(0, 42 + 8 * flacFrame); // it still says 4096 samples

    it("is read", async () => {
      expect(await read(part)).toEqual(whole.subarray(0, 8 * 256));
    });

    it("is refused if it is cut off or changed", async () => {
      const message =
        "file/audio sound: a FLAC file must be whole and decodable, got 1792 of 4096 samples.";
      expect(await refusal(part.subarray(0, -1))).toContain(message);
      expect(await refusal(patched(part, part.length - 9, [1, 2, 3]))).toContain(message);
    });

    it("or a shorter one is read", async () => {
      expect(await read(patched(flac, 22, [0, 0, 8, 0]))).toEqual(whole); // says 2048
    });
  });

  it("between tags is read", async () => {
    for (const tags of [[id3v1], [ape], [apeFooter], [ape, id3v1], [apeFooter, id3v1]]) {
      expect(await read(id3v2(16), title, flac, ...tags)).toEqual(whole);
      expect(await read(patched(flac, 22, [0, 0, 0, 0]), ...tags)).toEqual(whole);
    }
  });
});

describe("MP3", () => {
  const plain = mp3.subarray(frameBytes); // five frames that nothing counts
  let whole: Float32Array;
  let plainSound: Float32Array;
  beforeAll(async () => {
    [whole, plainSound] = [await read(mp3), await read(plain)];
  });

  it.each([0.3, 0.55, 0.9, 0.999])("cut to %f of it is refused", async (part) => {
    const message = "file/audio sound: an MP3 file must be whole and decodable, got";
    expect(await refusal(share(mp3, part))).toContain(message);
    expect(await refusal(share(plain, part))).toContain(message);
  });

  it("cut between two frames is refused if the file counts them", async () => {
    expect(await refusal(mp3.subarray(0, 4 * frameBytes))).toBe(
      "file/audio sound: an MP3 file must be whole and decodable, got 3 of 5 frames. Write or copy the file again.",
    );
  });

  it("with changed bytes over the start of a frame is refused", async () => {
    const hole = [...zeros(200)];
    expect(await refusal(patched(mp3, 864, hole))).toBe(
      "file/audio sound: an MP3 file must be whole and decodable, got other bytes at byte 864, after 3 frames. Write or copy the file again.",
    );
    expect(await refusal(patched(plain, 576, hole))).toContain("at byte 576, after 2 frames");
    const second = patched(mp3, frameBytes, hole);
    expect(await refusal(second)).toContain("at byte 288, after 1 frames");
    expect(await refusal(patched(plain, frameBytes, hole))).toContain("after 1 frames");
    expect(await refusal(id3v2(16), title, "junk", second)).toContain("after 1 frames");
  });

  it.each<[string, readonly (Uint8Array | string)[]]>([
    ["ID3v2", [id3v2(16), title, mp3]],
    ["ID3v2 with padding", [id3v2(300), title, zeros(284), mp3]],
    ["ID3v2 that is longer than it says", [id3v2(16), title, zeros(50), mp3]],
    ["two tags ID3v2", [id3v2(16), title, id3v2(16), title, mp3]],
    ["ID3v1", [mp3, id3v1]],
    ["APE", [mp3, ape]],
    ["APE before ID3v1", [mp3, ape, id3v1]],
    ["junk before the first frame", [id3v2(16), title, "junk\xff\xf3\x88 and more", mp3]],
    ["zeros at the end", [mp3, zeros(1000)]],
    ["junk at the end of counted frames", [mp3, "LYRICSBEGIN and so on"]],
  ])("with %s is read", async (_, parts) => {
    expect(await read(...parts)).toEqual(whole);
  });

  it.each<[string, readonly string[]]>([
    ["APE and ID3v1", [ape, id3v1]],
    ["APE without header", [apeFooter, id3v1]],
    ["TAG+", [longer, id3v1]],
    ["Lyrics3", [lyrics("200"), id3v1]],
    ["Lyrics3 of version 1", [lyrics("END"), longer, id3v1]],
    ["zeros", ["\0".repeat(4096)]],
    ["zeros before tags", ["\0".repeat(50), ape, id3v1]],
  ])("whose frames nothing counts is read with %s behind them", async (_, tags) => {
    expect(await read(id3v2(16), title, plain, ...tags)).toEqual(plainSound);
  });

  it("whose frames nothing counts is refused with other bytes behind them", async () => {
    for (const others of ["\0\0\0x", "LYRICSBEGIN and so on", `TAG+${"x".repeat(300)}`])
      expect(await refusal(plain, others)).toMatch(/got other bytes at byte \d+, after 5 frames/);
    expect(await refusal(share(plain, 0.9), id3v1)).toContain("got a part of frame 5.");
  });

  it("with another file's frames behind it is read to its end", async () => {
    const both = await read(mp3, id3v1, id3v2(16), title, plain);
    expect(both.length).toBeGreaterThan(whole.length + plainSound.length - 1200);
  });

  it("without a frame is refused", async () => {
    expect(await refusal(id3v2(16), title, "no sound")).toBe(
      "file/audio sound: an MP3 file must be whole and decodable, got no frame in it that says its length. Write or copy the file again.",
    );
  });
});
