import { describe, expect, it } from "vitest";
import { mp3Sound } from "./mp3-frames.ts";

/** Frames of MPEG 1, layer III, 128 kbit/s at 44.1 kHz: 417 bytes each. */
const frameBytes = 417;
function framesOf(count: number, header = [0xff, 0xfb, 0x90, 0x00], length = 417): Uint8Array {
  const bytes = new Uint8Array(count * length);
  for (let at = 0; at < bytes.length; at += length) bytes.set(header, at);
  return bytes;
}

function uint32(value: number): readonly number[] {
  return [value >> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Frames of which the first one says how many there are. */
function counting(count: number, says: readonly number[]): Uint8Array {
  const bytes = framesOf(count);
  bytes.set(says, 36);
  return bytes;
}
const xing = (frames: number, bytes?: number): readonly number[] => [
  ...Buffer.from("Xing"),
  ...uint32(bytes === undefined ? 1 : 3),
  ...uint32(frames),
  ...uint32(bytes ?? 0),
];
const vbri = (frames: number, bytes: number): readonly number[] => [
  ...Buffer.from("VBRI"),
  ...[0, 1, 0, 0, 0, 0],
  ...uint32(bytes),
  ...uint32(frames),
];

describe("mp3Sound", () => {
  it.each([
    ["MPEG 1, layer III, 128 kbit/s, 44.1 kHz, padded", [0xff, 0xfb, 0x92, 0xc0], 418],
    ["MPEG 1, layer II, 192 kbit/s, 48 kHz", [0xff, 0xfd, 0xa4, 0x00], 576],
    ["MPEG 1, layer I, 32 kbit/s, 32 kHz, padded", [0xff, 0xff, 0x1a, 0x00], 52],
    ["MPEG 2, layer III, 64 kbit/s, 22.05 kHz", [0xff, 0xf3, 0x80, 0xc0], 208],
    ["MPEG 2, layer II, 160 kbit/s, 24 kHz", [0xff, 0xf5, 0xe4, 0xc0], 960],
    ["MPEG 2.5, layer III, 8 kbit/s, 8 kHz", [0xff, 0xe3, 0x18, 0xc0], 72],
  ])("knows the length of a frame: %s", (_, header, length) => {
    const two = framesOf(2, header, length);
    expect(mp3Sound(two)).toEqual(two);
    expect(mp3Sound(two.subarray(0, -1))).toBe("a part of frame 2");
  });

  it("counts frames after the one that counts them", () => {
    for (const says of [xing(4), xing(4, 5 * frameBytes), vbri(4, 5 * frameBytes)]) {
      const whole = counting(5, says);
      expect(mp3Sound(whole)).toEqual(whole);
      expect(mp3Sound(whole.subarray(0, 4 * frameBytes + 100))).toBe("3 of 4 frames");
    }
    const lost = counting(5, xing(4, 5 * frameBytes)).subarray(0, 4 * frameBytes);
    expect(mp3Sound(lost)).toBe("3 of 4 frames");
  });

  it("takes a count with the frame that counts for what it is, by its bytes", () => {
    const whole = counting(5, xing(5, 5 * frameBytes));
    expect(mp3Sound(whole)).toEqual(whole);
    expect(mp3Sound(whole.subarray(0, 4 * frameBytes))).toBe("3 of 5 frames");
  });

  it("takes a count of 0 for none", () => {
    const whole = counting(5, xing(0));
    expect(mp3Sound(whole)).toEqual(whole);
    expect(mp3Sound(whole.subarray(0, -1))).toBe("a part of frame 5");
  });

  it("refuses frames of another kind behind the first ones", () => {
    const others = framesOf(2, [0xff, 0xfb, 0x94, 0x00], 384); // 48 kHz
    const both = Uint8Array.from([...counting(5, xing(4)), ...others]);
    expect(mp3Sound(both)).toBe("other bytes at byte 2085, after 5 frames");
  });
});
