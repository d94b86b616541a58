import { afterEach, describe, expect, it } from "vitest";
import { provideSha256, pureSha256, sha256Hex, startSha256 } from "../../hash/index.ts";
import { nodeSha256 } from "./sha256-node.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

afterEach(() => provideSha256(pureSha256));

describe.each([
  ["pure JavaScript", pureSha256],
  ["Node", nodeSha256],
] as const)("SHA-256 by %s", (_, platform) => {
  it("gives the standard's digest of abc, whole and in pieces", () => {
    provideSha256(platform);
    // FIPS 180-4's example, from the NIST's page of example values
    const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(sha256Hex(text("abc"))).toBe(expected);
    const pieces = startSha256();
    for (const piece of ["a", "", "bc"]) pieces.update(text(piece));
    expect(pieces.hex()).toBe(expected);
  });

  it("hashes the bytes of a view, not those of its buffer", () => {
    provideSha256(platform);
    expect(sha256Hex(text("xabcx").subarray(1, 4))).toBe(sha256Hex(text("abc")));
  });
});
