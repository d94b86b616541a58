/** @file Reading recordings: files of sox, flac and lame give the samples that went in. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecording } from "./read-audio-node.ts";

const folder = new URL("../../../test/golden/audio/", import.meta.url);
const path = (name: string): string => new URL(name, folder).pathname;
const tones: {
  readonly left: number[];
  readonly right: number[];
  readonly mp3: number[];
} = JSON.parse(await readFile(path("tones.json"), "utf8"));
const mean = tones.left.map((left, at) => (left + tones.right[at]!) / 2 / 32768);

function largestDifference(actual: Float32Array, expected: readonly number[]): number {
  expect(actual).toHaveLength(expected.length);
  return actual.reduce((most, x, at) => Math.max(most, Math.abs(x - expected[at]!)), 0);
}

describe("readRecording", () => {
  // Integers divided by powers of two, and means of two of them, are exact in float32. The decoders
  // differ in what full scale is (32767 or 32768 for positive samples): one part in 32767 of 0.75.
  const fullScale = 0.75 / 32767;
  it.each(["stereo.wav", "stereo24.wav", "float.wav", "stereo.flac"])(
    "gives the mean of both channels: %s",
    async (name) => {
      const { samples, sampleRate } = await readRecording(path(name));
      expect(sampleRate).toBe(16000);
      expect(largestDifference(samples, mean)).toBeLessThanOrEqual(fullScale);
    },
  );

  it("gives lame's decoding of an MP3 file, from the first sample of the sound", async () => {
    const { samples, sampleRate } = await readRecording(path("mono.mp3"));
    expect(sampleRate).toBe(16000);
    // lame's output is rounded to 16 bits, and its decoder is another one
    const expected = tones.mp3.map((sample) => sample / 32768);
    expect(largestDifference(samples, expected)).toBeLessThan(4 / 32768);
  });

  it("resamples when asked to", async () => {
    const { samples, sampleRate } = await readRecording(path("mono.wav"), { sampleRate: 8000 });
    expect(sampleRate).toBe(8000);
    expect(samples).toHaveLength(800);
  });
});

describe("readRecording refuses", () => {
  let scratch = "";
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), "recordings-"));
  });
  afterAll(() => rm(scratch, { recursive: true }));

  const file = async (name: string, bytes: Uint8Array | string): Promise<string> => {
    await writeFile(join(scratch, name), bytes);
    return join(scratch, name);
  };
  const messageOf = async (recording: string): Promise<string> => {
    const error = await readRecording(recording).then(
      () => new Error("it was read"),
      (thrown: Error) => thrown,
    );
    return error.message.replace(`${scratch}/`, "");
  };

  it("files that are not there", async () => {
    expect(await messageOf(join(scratch, "none.wav"))).toMatchInlineSnapshot(
      `"none.wav: a recording (WAV, FLAC or MP3) must be readable, got no such file or folder. Correct the path; relative paths start at the working directory."`,
    );
  });

  it("other content", async () => {
    expect(await messageOf(await file("text.wav", "hello"))).toMatchInlineSnapshot(
      `"text.wav: a recording must be a WAV, FLAC or MP3 file, got other content. Convert it to WAV or FLAC."`,
    );
  });

  it("a WAV file that is cut off", async () => {
    const whole = await readFile(path("mono.wav"));
    const cut = await file("cut.wav", whole.subarray(0, 1000));
    expect(await messageOf(cut)).toMatchInlineSnapshot(
      `"cut.wav: a WAV file must be whole and decodable, got 1000 of 3244 bytes. Write or copy the file again."`,
    );
  });

  it("a WAV file without sound", async () => {
    const header = Uint8Array.from((await readFile(path("mono.wav"))).subarray(0, 44));
    const view = new DataView(header.buffer);
    view.setUint32(4, 36, true);
    view.setUint32(40, 0, true);
    expect(await messageOf(await file("empty.wav", header))).toMatchInlineSnapshot(
      `"empty.wav: a WAV file must be whole and decodable, got no sound in it. Write or copy the file again."`,
    );
  });

  it("FLAC and MP3 files that hold something else after their first bytes", async () => {
    expect(await messageOf(await file("bad.flac", `fLaC${"x".repeat(500)}`))).toContain(
      "a FLAC file must be whole and decodable",
    );
    expect(await messageOf(await file("bad.mp3", `ID3${"x".repeat(500)}`))).toContain(
      "an MP3 file must be whole and decodable",
    );
  });
});
